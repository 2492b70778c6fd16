package dev.flipside.builder.release;

import dev.flipside.builder.rootfs.InputNotice;

/** Is told how far a build has come. */
@FunctionalInterface
public interface BuildProgress {
    /** A step of known size begins; it ends when the returned object is closed. */
    Step begin(String name, long total);

    /** Something that the input says, and that no image can hold. */
    default void notice(InputNotice notice) {}

    /** The step that is being done. */
    interface Step extends AutoCloseable {
        void advance(long more);

        @Override
        void close();
    }
}
