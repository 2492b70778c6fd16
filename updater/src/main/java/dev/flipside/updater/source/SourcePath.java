package dev.flipside.updater.source;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * The paths that a {@link Source} takes: names of letters, digits and {@code . _ ~ + -}, none of
 * them {@code .} or {@code ..}. Other characters stand as percent signs and hex digits, as in a URL
 * (RFC 3986); to a file system they are written out.
 */
final class SourcePath {
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9._~+-]|%[0-9A-F]{2})+");

    private SourcePath() {}

    /** Returns the path, or throws where it could mean something outside of the repository. */
    static String checked(String path) throws FlipsideException {
        for (String name : path.split("/", -1)) {
            if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
                throw new FlipsideException(
                        FailureCode.METADATA_MALFORMED,
                        "path in the repository",
                        "names of letters, digits and ._~+- separated by '/', without '..'",
                        "'" + path + "'",
                        "publish the release again");
            }
        }
        return path;
    }

    /** The same path in a file system, where no name can hold a {@code /}, or be none. */
    static Optional<String> inFileSystem(String path) throws FlipsideException {
        StringJoiner names = new StringJoiner("/");
        for (String name : checked(path).split("/", -1)) {
            String decoded = decoded(name);
            if (decoded.contains("/")
                    || decoded.contains("\0")
                    || decoded.equals(".")
                    || decoded.equals("..")) {
                return Optional.empty();
            }
            names.add(decoded);
        }
        return Optional.of(names.toString());
    }

    private static String decoded(String name) {
        ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '%') {
                utf8.write(HexFormat.fromHexDigits(name, i + 1, i + 3));
                i += 2;
            } else {
                utf8.write(name.charAt(i));
            }
        }
        return utf8.toString(StandardCharsets.UTF_8);
    }
}
