package dev.flipside.platform;

import java.io.IOException;

/**
 * Tells "no room" from other I/O errors. The JDK has no exception type for ENOSPC and EDQUOT, only
 * the text of strerror(3), which is English as every process here runs in C.UTF-8.
 */
public final class DiskFull {
    static final String NO_SPACE = "No space left on device";
    private static final String QUOTA = "Disk quota exceeded";

    private DiskFull() {}

    public static boolean isReasonFor(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains(NO_SPACE) || message.contains(QUOTA);
    }
}
