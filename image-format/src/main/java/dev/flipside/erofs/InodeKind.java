package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an inode is, and what belongs to that kind alone. */
public sealed interface InodeKind {
    int MAX_MAJOR = (1 << 12) - 1;
    int MAX_MINOR = (1 << 20) - 1;

    /** Its bytes are not part of the model: they stay where they are until they are copied. */
    record RegularFile(long sizeBytes) implements InodeKind {
        public RegularFile {
            if (sizeBytes < 0) {
                throw new IllegalArgumentException("size " + sizeBytes);
            }
        }
    }

    /** Entries by name, bytewise ascending, without {@code .} and {@code ..}. */
    record Directory(SortedMap<ByteString, Inode> entries) implements InodeKind {
        public Directory {
            for (ByteString name : entries.keySet()) {
                FileTree.requireName(name);
            }
            entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
        }
    }

    record Symlink(ByteString target) implements InodeKind {
        /** PATH_MAX without its NUL. */
        public static final int MAX_TARGET_BYTES = 4095;

        public Symlink {
            if (target.isEmpty() || target.length() > MAX_TARGET_BYTES) {
                throw new IllegalArgumentException("symlink target of " + target.length());
            }
        }
    }

    record CharacterDevice(int major, int minor) implements InodeKind {
        public CharacterDevice {
            requireDevice(major, minor);
        }
    }

    record BlockDevice(int major, int minor) implements InodeKind {
        public BlockDevice {
            requireDevice(major, minor);
        }
    }

    record Fifo() implements InodeKind {}

    record Socket() implements InodeKind {}

    private static void requireDevice(int major, int minor) {
        if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
            throw new IllegalArgumentException("device " + major + ":" + minor);
        }
    }
}
