package dev.flipside.repository;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Names of any characters as one name of a path: all but letters, digits and {@code . _ ~ -} become
 * the percent signs and hex digits of RFC 3986, so that no name is two, or leads elsewhere.
 */
public final class PathEncoding {
    private static final String UNRESERVED = "._~-";

    private PathEncoding() {}

    /** A name of which a {@code /} is part; {@code .} and {@code ..} stay as they are. */
    public static String encode(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, utf8.length)
                .mapToObj(i -> encode(utf8[i]))
                .collect(Collectors.joining());
    }

    private static String encode(byte b) {
        boolean plain =
                (b >= 'a' && b <= 'z')
                        || (b >= 'A' && b <= 'Z')
                        || (b >= '0' && b <= '9')
                        || UNRESERVED.indexOf(b) >= 0;
        return plain ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xff);
    }
}
