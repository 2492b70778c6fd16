package dev.flipside.pack;

import java.util.Arrays;

/**
 * One frame of the pack: where its bytes are, and where in the image each of its blocks stands.
 * Memory is 4 bytes per place.
 */
public final class PackFrame {
    private final long offsetBytes;
    private final int sizeBytes;
    private final int[] ends;
    private int[] places;
    private int filledBlocks;

    PackFrame(long offsetBytes, int sizeBytes, int blocks) {
        this.offsetBytes = offsetBytes;
        this.sizeBytes = sizeBytes;
        this.ends = new int[blocks];
        this.places = new int[blocks];
    }

    /** Where the frame begins in {@code blocks.pack}. */
    public long offsetBytes() {
        return offsetBytes;
    }

    /** The compressed size. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** How many blocks the frame holds, at least 1. */
    public int blocks() {
        return ends.length;
    }

    /** In how many places of the image a block of this frame stands, at least 1. */
    public int placesOf(int block) {
        return ends[block] - start(block);
    }

    /** The number of an image block that a block of this frame is; ascending in {@code index}. */
    public int place(int block, int index) {
        if (index < 0 || index >= placesOf(block)) {
            throw new IllegalArgumentException("place " + index + " of block " + block);
        }
        return places[start(block) + index];
    }

    /** Adds the next place of the block that is being filled. */
    void addPlace(int place) {
        int count = filledPlaces();
        if (count == places.length) {
            places = Arrays.copyOf(places, places.length * 2);
        }
        places[count] = place;
        ends[filledBlocks] = count + 1;
    }

    /** Goes on to the next block. */
    void endBlock() {
        int count = ends[filledBlocks];
        filledBlocks++;
        if (filledBlocks < ends.length) {
            ends[filledBlocks] = count;
        }
    }

    private int filledPlaces() {
        return ends[filledBlocks];
    }

    private int start(int block) {
        return block == 0 ? 0 : ends[block - 1];
    }
}
