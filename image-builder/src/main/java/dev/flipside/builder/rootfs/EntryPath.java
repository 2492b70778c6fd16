package dev.flipside.builder.rootfs;

import dev.flipside.erofs.FileTree;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of an archive entry, taken apart: relative, and without {@code ..}. {@code ./}, doubled
 * and trailing slashes mean nothing; the root has no names.
 */
record EntryPath(ByteString asGiven, List<ByteString> names) {
    /** PATH_MAX, which also bounds how deep a tree can be: 2048. */
    private static final int MAX_PATH_BYTES = 4096;

    private static final ByteString SELF = ByteString.utf8(".");
    private static final ByteString PARENT = ByteString.utf8("..");

    static EntryPath parse(ByteString path, TarRefusal refusal) throws FlipsideException {
        if (path.isEmpty() || path.length() > MAX_PATH_BYTES) {
            throw refusal.malformed(
                    TarRefusal.entry(path),
                    "a path of 1 to " + MAX_PATH_BYTES + " bytes",
                    path.length() + " bytes");
        }
        if (path.at(0) == '/') {
            throw refusal.unsafe(path, "a relative path without '..'", "an absolute path");
        }
        List<ByteString> names = new ArrayList<>();
        int start = 0;
        while (start < path.length()) {
            int slash = path.indexOf((byte) '/', start);
            int end = slash < 0 ? path.length() : slash;
            ByteString name = path.substring(start, end);
            if (name.equals(PARENT)) {
                throw refusal.unsafe(path, "a relative path without '..'", "'..' in it");
            }
            if (!name.isEmpty() && !name.equals(SELF)) {
                names.add(requireName(name, path, refusal));
            }
            start = end + 1;
        }
        return new EntryPath(path, names);
    }

    static ByteString requireName(ByteString name, ByteString path, TarRefusal refusal)
            throws FlipsideException {
        if (!FileTree.isName(name)) {
            throw refusal.malformed(
                    TarRefusal.entry(path),
                    "names of at most 255 bytes without NUL",
                    "one of " + name.length() + " bytes");
        }
        return name;
    }

    List<ByteString> parents() {
        return names.subList(0, names.size() - 1);
    }

    ByteString last() {
        return names.getLast();
    }
}
