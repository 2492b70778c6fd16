package dev.flipside.tuf;

/**
 * A pattern of target paths, as shells have them (PATHPATTERN of TUF 1.0, section 4.5): {@code *}
 * stands for any characters and {@code ?} for one, never for a {@code /}. Brackets mean themselves.
 */
record PathPattern(String text) {

    boolean matches(String path) {
        String[] patterns = text.split("/", -1);
        String[] names = path.split("/", -1);
        if (patterns.length != names.length) {
            return false;
        }
        for (int i = 0; i < names.length; i++) {
            if (!matches(patterns[i], names[i])) {
                return false;
            }
        }
        return true;
    }

    // Going back to the last star only is enough, so the time is at most length times length.
    private static boolean matches(String pattern, String name) {
        int at = 0;
        int star = -1;
        int afterStar = 0;
        for (int i = 0; i < name.length(); ) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                afterStar = i;
            } else if (at < pattern.length()
                    && (pattern.charAt(at) == '?' || pattern.charAt(at) == name.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++afterStar;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
