package dev.flipside.builder.release;

/** Is told how far a build has come. */
@FunctionalInterface
public interface BuildProgress {
    /** A step of known size begins; it ends when the returned object is closed. */
    Step begin(String name, long total);

    /** The step that is being done. */
    interface Step extends AutoCloseable {
        void advance(long more);

        @Override
        void close();
    }
}
