package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * The address of a repository, as {@code [source] url} names it: {@code http}, {@code https} or
 * {@code file}, without query, fragment or password.
 */
public record SourceUrl(URI uri) {
    public static SourceUrl parse(String text) throws FlipsideException {
        try {
            URI uri = new URI(text.endsWith("/") ? text : text + "/");
            if (isUsable(uri)) {
                return new SourceUrl(uri);
            }
        } catch (URISyntaxException e) {
            throw invalid(text, e);
        }
        throw invalid(text, null);
    }

    private static boolean isUsable(URI uri) {
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.isOpaque()) {
            return false;
        }
        return switch (String.valueOf(uri.getScheme())) {
            case "http", "https" -> uri.getHost() != null && uri.getRawUserInfo() == null;
            case "file" -> uri.getRawAuthority() == null && uri.getPath() != null;
            default -> false;
        };
    }

    private static FlipsideException invalid(String text, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        "[source] url",
                        "http://, https:// or file:/// without query, fragment or password",
                        "'" + text + "'",
                        "correct the configuration"),
                cause);
    }

    /** Opens the repository as it is usually asked. */
    public Source open(SourceLimits limits) throws FlipsideException {
        return open(SourceSettings.of(limits));
    }

    /** Opens the repository; over HTTP nothing is sent before the first request. */
    public Source open(SourceSettings settings) throws FlipsideException {
        return uri.getScheme().equals("file")
                ? FileSource.open(Path.of(uri))
                : HttpSource.open(uri, settings);
    }
}
