package dev.flipside.verity;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the blocks of a hash tree go: a file, a hash partition. */
@FunctionalInterface
public interface TreeSink {
    /**
     * Takes whole tree blocks; the buffer is only valid during the call.
     *
     * @param offsetBytes where they belong in the file or partition, the superblock counted in
     */
    void write(ByteBuffer blocks, long offsetBytes) throws IOException;
}
