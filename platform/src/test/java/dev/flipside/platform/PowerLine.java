package dev.flipside.platform;

/**
 * The power that disks and folders of one simulated machine share. Each of their writes, flushes,
 * renames and removals is one operation; the line is cut in the middle of the one after its budget.
 *
 * <p>Invariant: once it is cut, every call of every device on it throws {@link PowerCut}.
 */
public final class PowerLine {
    private final long budget;
    private long operations;

    private PowerLine(long budget) {
        this.budget = budget;
    }

    /** Never cut by itself. */
    public static PowerLine steady() {
        return new PowerLine(Long.MAX_VALUE);
    }

    /** Lets so many operations end, and is cut during the next one. */
    public static PowerLine cutAfter(long operations) {
        return new PowerLine(operations);
    }

    /** How many operations were begun; on a steady line, how many cuts there are to try. */
    public long operations() {
        return operations;
    }

    public boolean isCut() {
        return operations > budget;
    }

    /** Throws where there is no power. */
    void require() {
        if (isCut()) {
            throw new PowerCut(operations);
        }
    }

    /**
     * Begins so many operations, one after the other.
     *
     * @return how many of them come to their end; where that is less, the caller does any part of
     *     the next and then calls {@link #require}, which throws
     */
    int spend(int wanted) {
        require();
        int ended = (int) Math.min(wanted, budget - operations);
        operations += ended < wanted ? ended + 1 : ended;
        return ended;
    }
}
