package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The extended attributes that are written once for all the inodes that have them: entries as after
 * an inode, one behind the other from {@code xattr_blkaddr} on. An inode names one by its offset
 * there, in units of 4 bytes.
 *
 * <p>An attribute is shared when more than {@value #INLINE_INODES} inodes have it, which is what
 * mkfs.erofs does unless told otherwise. SELinux labels are what it is about: a few hundred values
 * for all files. An attribute of one or two inodes stays with them, where reading it costs no
 * further block.
 */
final class SharedXattrs {
    static final int INLINE_INODES = 2;

    /** {@code h_shared_count} has 8 bits; what an inode has beyond stands inline. */
    static final int MAX_PER_INODE = 255;

    private final SortedMap<Xattr, Integer> ids;
    private final long sizeBytes;

    private SharedXattrs(SortedMap<Xattr, Integer> ids, long sizeBytes) {
        this.ids = ids;
        this.sizeBytes = sizeBytes;
    }

    record Xattr(ByteString name, ByteString value) implements Comparable<Xattr> {
        @Override
        public int compareTo(Xattr other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : value.compareTo(other.value);
        }
    }

    /**
     * What one inode has of both kinds.
     *
     * @param ids of the shared ones
     */
    record Split(List<Integer> ids, SortedMap<ByteString, ByteString> inline) {}

    /** Counts the attributes of a tree, all of which fit ({@link XattrBody#fits}). */
    static SharedXattrs of(FileTree tree) {
        Map<Xattr, Integer> counts = new HashMap<>();
        for (Inode inode : tree.inodes()) {
            inode.attributes()
                    .xattrs()
                    .forEach(
                            (name, value) -> counts.merge(new Xattr(name, value), 1, Integer::sum));
        }
        counts.values().removeIf(count -> count <= INLINE_INODES);
        SortedMap<Xattr, Integer> ids = new TreeMap<>();
        long end = 0;
        for (Xattr xattr : new TreeMap<>(counts).keySet()) {
            ids.put(xattr, Math.toIntExact(end / 4));
            end += XattrBody.entryBytes(xattr.name(), xattr.value());
        }
        return new SharedXattrs(ids, end);
    }

    boolean isEmpty() {
        return ids.isEmpty();
    }

    /** Of the whole area. */
    long sizeBytes() {
        return sizeBytes;
    }

    /** In the order in which they stand in the area. */
    Set<Xattr> inOrder() {
        return ids.keySet();
    }

    Split split(SortedMap<ByteString, ByteString> xattrs) {
        List<Integer> found = new ArrayList<>();
        SortedMap<ByteString, ByteString> inline = new TreeMap<>();
        for (Map.Entry<ByteString, ByteString> xattr : xattrs.entrySet()) {
            Integer id = ids.get(new Xattr(xattr.getKey(), xattr.getValue()));
            if (id == null || found.size() == MAX_PER_INODE) {
                inline.put(xattr.getKey(), xattr.getValue());
            } else {
                found.add(id);
            }
        }
        return new Split(found, inline);
    }
}
