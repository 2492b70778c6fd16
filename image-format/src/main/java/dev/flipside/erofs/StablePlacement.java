package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Where an image has room to spare, so that a file which grows, comes or goes moves what is near it
 * and not all that follows. The reasons and figures stand in decision 0007.
 *
 * <p>What is placed in path order is cut into sections, each of which begins at a multiple of a
 * unit. Where the cuts are depends on names alone: on that of an inode and of its directory, which
 * stay when a directory above them gets another version in its name. Larger files end sections more
 * often, so that sections have about the same size.
 *
 * <p>Invariant: the same tree has the same cuts; an image without room to lose has no room to
 * spare.
 */
final class StablePlacement {
    /** So many blocks that a level of the hash tree has one block for them. */
    private static final int MAX_UNIT_BLOCKS = 128;

    /** The smaller the image, the smaller the units: their halves are what is lost. */
    private static final int UNITS_IN_IMAGE = 256;

    private static final int UNITS_IN_SECTION = 16;
    private static final int INODES_IN_SECTION = 256;
    private static final int DIRECTORY_UNIT_BLOCKS = 2;

    private final int unitBlocks;
    private final int[] hashes;

    private StablePlacement(int unitBlocks, int[] hashes) {
        this.unitBlocks = unitBlocks;
        this.hashes = hashes;
    }

    /** The placement of a tree whose files have so many blocks. */
    static StablePlacement of(FileTree tree, long contentBlocks) {
        long unit = Math.max(1, Long.highestOneBit(contentBlocks / UNITS_IN_IMAGE));
        int unitBlocks = (int) Math.min(unit, MAX_UNIT_BLOCKS);
        return new StablePlacement(unitBlocks, unitBlocks == 1 ? new int[0] : hashes(tree));
    }

    /** Where what follows inode {@code i} of {@link FileTree#inodes} begins at the earliest. */
    long afterInode(int i, long endBytes) {
        boolean ends = unitBlocks > 1 && Integer.remainderUnsigned(hash(i), INODES_IN_SECTION) == 0;
        return ends ? ErofsFormat.roundUp(endBytes, ErofsFormat.BLOCK_BYTES) : endBytes;
    }

    /** The same for the blocks of a directory or symbolic link. */
    long afterDirectory(int i, long blocks, long endBlock) {
        return after(i, blocks, endBlock, Math.min(DIRECTORY_UNIT_BLOCKS, unitBlocks));
    }

    /** The same for the contents of a file. */
    long afterContent(int i, long blocks, long endBlock) {
        return after(i, blocks, endBlock, unitBlocks);
    }

    /** Where contents begin after metadata that end here. */
    long contentStart(long endBlock) {
        return ErofsFormat.roundUp(endBlock, unitBlocks);
    }

    private long after(int i, long blocks, long endBlock, int unit) {
        boolean ends =
                unit > 1
                        && blocks > 0
                        && Integer.toUnsignedLong(hash(i)) % ((long) unit * UNITS_IN_SECTION)
                                < blocks;
        return ends ? ErofsFormat.roundUp(endBlock, unit) : endBlock;
    }

    private int hash(int i) {
        return hashes[i];
    }

    private record Named(ByteString folder, ByteString name, Inode inode) {}

    /** In the order of {@link FileTree#inodes}, by the first name of each. */
    private static int[] hashes(FileTree tree) {
        List<Inode> inodes = tree.inodes();
        int[] hashes = new int[inodes.size()];
        ByteString none = ByteString.utf8("");
        Deque<Named> pending = new ArrayDeque<>();
        pending.push(new Named(none, none, tree.root()));
        int next = 0;
        while (!pending.isEmpty()) {
            Named named = pending.pop();
            if (next < hashes.length && inodes.get(next) == named.inode()) {
                hashes[next++] = hash(named);
            }
            if (named.inode().kind() instanceof InodeKind.Directory directory) {
                for (Map.Entry<ByteString, Inode> entry :
                        directory.entries().reversed().entrySet()) {
                    pending.push(new Named(named.name(), entry.getKey(), entry.getValue()));
                }
            }
        }
        return hashes;
    }

    private static int hash(Named named) {
        CRC32 crc = new CRC32();
        crc.update(named.folder().toByteArray());
        crc.update('/');
        crc.update(named.name().toByteArray());
        return (int) crc.getValue();
    }
}
