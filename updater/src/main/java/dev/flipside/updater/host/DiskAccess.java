package dev.flipside.updater.host;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.util.List;

/** The disk with both slots. */
public interface DiskAccess {
    /** Opens it to look at it. */
    BlockDevice openForReading() throws IOException;

    /**
     * Opens it, alone, to write to some of its partitions and to the tables.
     *
     * @throws IOException also when something uses one of the partitions
     */
    BlockDevice openForWriting(List<Partition> partitions) throws IOException;
}
