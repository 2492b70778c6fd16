package dev.flipside.updater.slot;

/** Is told how far staging has come, on the thread that stages. */
@FunctionalInterface
public interface Progress {
    /**
     * @throws java.util.concurrent.CancellationException to end the staging where it is; what is
     *     written stays, as after a crash
     */
    void at(Standing standing);

    /** What is being done. */
    enum Phase {
        CHECKING("checking"),
        REUSING("reusing"),
        FETCHING("fetching"),
        READING_BACK("reading-back");

        private final String code;

        Phase(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /**
     * How far it is.
     *
     * @param doneBlocks of the image: looked at while checking and reading back, right in the slot
     *     while reusing and fetching
     * @param totalBlocks of the image
     * @param tally what it took so far
     */
    record Standing(Phase phase, long doneBlocks, long totalBlocks, StageTally tally) {}
}
