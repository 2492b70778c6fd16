package dev.flipside.pack;

/**
 * Decides which needed pieces of a file come in one range.
 *
 * <p>Two pieces do when the gap between them is at most {@code maxGapBytes}, the range stays within
 * {@code requestBytes}, and all gaps so far are at most a twentieth of all needed bytes so far: so
 * at any time at most 1.05 × the needed bytes are fetched.
 */
public final class GapBudget {
    /** The longest range of one request, unless one piece is longer: what a host uses. */
    public static final int USUAL_REQUEST_BYTES = 16 << 20;

    /** How much between two needed pieces is fetched along, to save a request. */
    public static final int USUAL_GAP_BYTES = 64 << 10;

    private static final int NEEDED_PER_GAP = 20;

    private final int requestBytes;
    private final int maxGapBytes;
    private long neededBytes;
    private long gapBytes;
    private long startBytes;
    private long endBytes;

    /**
     * @param requestBytes the longest range, unless one piece is longer
     * @param maxGapBytes how much between two needed pieces may be fetched along
     */
    public GapBudget(int requestBytes, int maxGapBytes) {
        this.requestBytes = requestBytes;
        this.maxGapBytes = maxGapBytes;
    }

    /** Begins a range with this piece. */
    void begin(long offsetBytes, long sizeBytes) {
        startBytes = offsetBytes;
        endBytes = offsetBytes + sizeBytes;
        neededBytes += sizeBytes;
    }

    /** Takes a later piece into the range, or says that it is to begin the next one. */
    boolean join(long offsetBytes, long sizeBytes) {
        long gap = offsetBytes - endBytes;
        long end = offsetBytes + sizeBytes;
        boolean joins =
                gap <= maxGapBytes
                        && end - startBytes <= requestBytes
                        && (gapBytes + gap) * NEEDED_PER_GAP <= neededBytes + sizeBytes;
        if (joins) {
            gapBytes += gap;
            neededBytes += sizeBytes;
            endBytes = end;
        }
        return joins;
    }

    long startBytes() {
        return startBytes;
    }

    long lengthBytes() {
        return endBytes - startBytes;
    }
}
