package dev.flipside.updater.growth;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;

/** The partition {@code var}, as kernel and file system know it. */
public interface VarDevice {
    /** Has the kernel know where the partition ends, while others on its disk are in use. */
    void resize(Partition var) throws IOException, FlipsideException;

    /**
     * Has its file system fill the partition.
     *
     * @return false where nobody has mounted it, so that there is nothing to grow
     */
    boolean fill(Partition var) throws IOException, FlipsideException;
}
