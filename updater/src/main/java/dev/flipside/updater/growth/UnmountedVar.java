package dev.flipside.updater.growth;

import dev.flipside.boot.gpt.Partition;

/** On a file-backed host a folder stands for {@code /var}, and no kernel uses the disk. */
public final class UnmountedVar implements VarDevice {
    @Override
    public void resize(Partition var) {
        // Whoever opens the file reads its table.
    }

    @Override
    public boolean fill(Partition var) {
        return false;
    }
}
