package dev.flipside.platform;

import java.io.IOException;
import java.nio.file.FileSystemException;

/**
 * Tells "no room" from other I/O errors. The JDK has no exception type for ENOSPC and EDQUOT, only
 * the text of strerror(3), which is English as every process here runs in C.UTF-8.
 */
public final class DiskFull {
    static final String NO_SPACE = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";

    private DiskFull() {}

    /** The same for what is no file system of this machine. */
    public static IOException of(String what, String detail) {
        return new FileSystemException(what, null, NO_SPACE + ": " + detail);
    }

    public static boolean isReasonFor(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains(NO_SPACE) || message.contains(QUOTA);
    }
}
