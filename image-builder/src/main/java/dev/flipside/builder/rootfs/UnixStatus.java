package dev.flipside.builder.rootfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/** {@code lstat(2)} of one file. */
record UnixStatus(
        int mode,
        long uid,
        long gid,
        Instant changed,
        long sizeBytes,
        long linkCount,
        long device,
        long inode,
        long rdev) {
    static final int FIFO = 0010000;
    static final int CHARACTER_DEVICE = 0020000;
    static final int DIRECTORY = 0040000;
    static final int BLOCK_DEVICE = 0060000;
    static final int REGULAR_FILE = 0100000;
    static final int SYMLINK = 0120000;
    static final int SOCKET = 0140000;

    private static final int TYPE_BITS = 0170000;
    private static final int PERMISSION_BITS = 07777;

    static UnixStatus of(Path path) throws IOException {
        Map<String, Object> all =
                Files.readAttributes(
                        path,
                        "unix:mode,uid,gid,lastModifiedTime,size,nlink,dev,ino,rdev",
                        LinkOption.NOFOLLOW_LINKS);
        return new UnixStatus(
                (int) all.get("mode"),
                Integer.toUnsignedLong((int) all.get("uid")),
                Integer.toUnsignedLong((int) all.get("gid")),
                ((FileTime) all.get("lastModifiedTime")).toInstant(),
                (long) all.get("size"),
                ((Number) all.get("nlink")).longValue(),
                (long) all.get("dev"),
                (long) all.get("ino"),
                (long) all.get("rdev"));
    }

    int type() {
        return mode & TYPE_BITS;
    }

    boolean isDirectory() {
        return type() == DIRECTORY;
    }

    int permissions() {
        return mode & PERMISSION_BITS;
    }

    /** As {@code gnu_dev_major} takes a dev_t of 64 bits apart. */
    int major() {
        return (int) (((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & 0xffff_f000L));
    }

    int minor() {
        return (int) ((rdev & 0xff) | ((rdev >>> 12) & 0xffff_ff00L));
    }
}
