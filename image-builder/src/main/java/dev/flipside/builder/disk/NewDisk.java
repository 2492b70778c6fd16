package dev.flipside.builder.disk;

import dev.flipside.platform.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that is all zero, and the file of some format that it is written to. */
sealed interface NewDisk extends BlockDevice permits RawDisk, Qcow2Disk {
    /** Writes what the format has besides the disk's own bytes; nothing may be written after it. */
    void finish() throws IOException;

    static boolean isZero(ByteBuffer piece) {
        for (int i = piece.position(); i < piece.limit(); i++) {
            if (piece.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
