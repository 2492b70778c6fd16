package dev.flipside.platform;

import java.util.regex.Pattern;

/**
 * The paths that a {@link DurableFolder} takes: names separated by {@code /}, none of them empty,
 * {@code .} or {@code ..}, and without NUL or backslash (which FAT refuses).
 */
final class FolderPath {
    static final String TEMPORARY_PREFIX = ".tmp-";

    private static final Pattern TEMPORARY_NAME = Pattern.compile("\\.tmp-[0-9]+");

    private FolderPath() {}

    /** Returns the path, or throws where following it could leave the folder. */
    static String checked(String path) {
        for (String name : path.split("/", -1)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new IllegalArgumentException(
                        "expected a relative path without '..', found '" + path + "'");
            }
        }
        if (path.indexOf('\0') >= 0 || path.indexOf('\\') >= 0) {
            throw new IllegalArgumentException(
                    "expected a path without NUL and backslash, found '" + path + "'");
        }
        return path;
    }

    /** As {@link #checked}, where the empty path means the folder itself. */
    static String checkedFolder(String path) {
        return path.isEmpty() ? path : checked(path);
    }

    /** Whether an unfinished write may have left a file of this name. */
    static boolean isTemporaryName(String name) {
        return TEMPORARY_NAME.matcher(name).matches();
    }

    /** The folder part of a path, empty at the top. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
