package dev.flipside.boot.fat;

/** A path of names separated by {@code /}, taken apart: the folder above, and the last name. */
record FatPath(String folder, String name) {
    static FatPath of(String path) {
        checkFolder(path);
        if (path.isEmpty()) {
            throw invalid(path);
        }
        int slash = path.lastIndexOf('/');
        return new FatPath(slash < 0 ? "" : path.substring(0, slash), path.substring(slash + 1));
    }

    /** As for a file, but the empty path is the root. */
    static void checkFolder(String path) {
        for (String name : names(path)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw invalid(path);
            }
        }
        if (path.indexOf('\0') >= 0 || path.indexOf('\\') >= 0) {
            throw invalid(path);
        }
    }

    static String[] names(String path) {
        return path.isEmpty() ? new String[0] : path.split("/", -1);
    }

    private static IllegalArgumentException invalid(String path) {
        return new IllegalArgumentException(
                "expected a relative path without '..', found '" + path + "'");
    }
}
