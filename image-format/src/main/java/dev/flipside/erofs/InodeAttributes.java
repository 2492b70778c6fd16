package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.time.Instant;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What every inode has, whatever its kind.
 *
 * @param permissions the low twelve bits of {@code st_mode}: setuid, setgid, sticky, rwxrwxrwx
 * @param uid numeric owner, 0 to 2³²-1
 * @param gid numeric group, 0 to 2³²-1
 * @param changed {@code st_mtime}, to the nanosecond; may lie before 1970
 * @param xattrs extended attributes by their full names ({@code security.capability})
 */
public record InodeAttributes(
        int permissions,
        long uid,
        long gid,
        Instant changed,
        SortedMap<ByteString, ByteString> xattrs) {
    public static final int PERMISSION_BITS = 07777;
    public static final long MAX_ID = 0xffff_ffffL;

    public InodeAttributes {
        if ((permissions & ~PERMISSION_BITS) != 0) {
            throw new IllegalArgumentException("permissions " + Integer.toOctalString(permissions));
        }
        if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw new IllegalArgumentException("owner " + uid + ":" + gid);
        }
        Objects.requireNonNull(changed);
        xattrs =
                xattrs.isEmpty()
                        ? Collections.emptySortedMap()
                        : Collections.unmodifiableSortedMap(new TreeMap<>(xattrs));
    }

    /** Owned by root, without extended attributes. */
    public static InodeAttributes ofRoot(int permissions, Instant changed) {
        return new InodeAttributes(permissions, 0, 0, changed, Collections.emptySortedMap());
    }
}
