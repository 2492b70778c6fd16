package dev.flipside.updater.source;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.regex.Pattern;

/**
 * The paths that a {@link Source} takes: names of letters, digits and {@code . _ ~ + -}, none of
 * them {@code .} or {@code ..}. They mean the same in a URL and in a file system, so nothing is
 * ever escaped.
 */
final class SourcePath {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~+-]+");

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
}
