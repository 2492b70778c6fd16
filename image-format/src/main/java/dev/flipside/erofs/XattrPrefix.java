package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.util.Arrays;
import java.util.Optional;

/** The beginnings of attribute names that EROFS stores as one byte ({@code e_name_index}). */
enum XattrPrefix {
    USER(1, "user."),
    POSIX_ACL_ACCESS(2, "system.posix_acl_access"),
    POSIX_ACL_DEFAULT(3, "system.posix_acl_default"),
    TRUSTED(4, "trusted."),
    SECURITY(6, "security.");

    private static final int MAX_SUFFIX_BYTES = 255;

    private final int index;
    private final String text;

    XattrPrefix(int index, String text) {
        this.index = index;
        this.text = text;
    }

    int index() {
        return index;
    }

    ByteString text() {
        return ByteString.utf8(text);
    }

    /** The two ACL names are whole names; the others want 1 to 255 bytes after the dot. */
    boolean takesSuffix() {
        return this != POSIX_ACL_ACCESS && this != POSIX_ACL_DEFAULT;
    }

    ByteString suffixOf(ByteString name) {
        return name.substring(text.length(), name.length());
    }

    boolean allows(ByteString suffix) {
        return takesSuffix()
                ? !suffix.isEmpty()
                        && suffix.length() <= MAX_SUFFIX_BYTES
                        && suffix.indexOf((byte) 0, 0) < 0
                : suffix.isEmpty();
    }

    static Optional<XattrPrefix> ofName(ByteString name) {
        return Arrays.stream(values())
                .filter(prefix -> name.startsWith(prefix.text()))
                .filter(prefix -> prefix.allows(prefix.suffixOf(name)))
                .findFirst();
    }

    static Optional<XattrPrefix> ofIndex(int index) {
        return Arrays.stream(values()).filter(prefix -> prefix.index == index).findFirst();
    }
}
