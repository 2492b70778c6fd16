package dev.flipside.updater.source;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import io.vertx.core.http.HttpClientResponse;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What the head of an answer means (RFC 9110), before any of its body is believed. */
final class HttpAnswers {
    static final int NOT_MODIFIED = 304;

    /** Object stores that do not let strangers list a bucket say 403 for what is not there. */
    private static final Set<Integer> MISSING = Set.of(403, 404, 410);

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final String SERVE_FILES = "serve the repository as plain files";

    private HttpAnswers() {}

    static boolean isMissing(HttpClientResponse head) {
        return MISSING.contains(head.statusCode());
    }

    static boolean isRedirect(HttpClientResponse head) {
        return REDIRECTS.contains(head.statusCode());
    }

    /**
     * Where a redirect leads.
     *
     * @param location the header, or null where there is none
     * @param left how many redirects may still be followed
     */
    static URI redirect(String location, URI from, int left) throws FlipsideException {
        if (left <= 0) {
            throw SourceFailures.status(
                    from.toString(),
                    "no further redirect",
                    "one to " + location,
                    "set [source] url to where the files are");
        }
        try {
            URI to = from.resolve(new URI(String.valueOf(location)));
            if (location != null && isAllowed(from, to)) {
                return to;
            }
        } catch (URISyntaxException e) {
            throw badRedirect(from, location, e);
        }
        throw badRedirect(from, location, null);
    }

    private static boolean isAllowed(URI from, URI to) {
        boolean known = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
        boolean keepsTls = "http".equals(from.getScheme()) || "https".equals(to.getScheme());
        return known && keepsTls && to.getHost() != null && to.getUserInfo() == null;
    }

    private static FlipsideException badRedirect(URI from, String location, Throwable cause) {
        return SourceFailures.failure(
                FailureCode.SOURCE_STATUS,
                from.toString(),
                "a redirect to http or https, and never from https to http",
                "one to " + location,
                "set [source] url to where the files are",
                cause);
    }

    static void requireStatus(HttpClientResponse head, URI uri, int status, String expected)
            throws FlipsideException, BrokenTransfer {
        int found = head.statusCode();
        if (found == status) {
            return;
        }
        if (PASSING.contains(found)) {
            throw new BrokenTransfer("status " + found, retryAfter(head), null);
        }
        throw SourceFailures.status(uri.toString(), expected, "status " + found, SERVE_FILES);
    }

    private static Duration retryAfter(HttpClientResponse head) {
        return number(head.getHeader("Retry-After")).map(Duration::ofSeconds).orElse(Duration.ZERO);
    }

    static void requireIdentity(HttpClientResponse head, URI uri) throws FlipsideException {
        String encoding = head.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw SourceFailures.status(
                    uri.toString(),
                    "the file as it is",
                    "content encoding " + encoding,
                    "turn off compression on the server");
        }
    }

    /** The length of the body, where the server names it. */
    static Optional<Long> contentLength(HttpClientResponse head) {
        return number(head.getHeader("Content-Length"));
    }

    private static Optional<Long> number(String text) {
        return text != null && NUMBER.matcher(text).matches()
                ? Optional.of(Long.parseLong(text))
                : Optional.empty();
    }

    /**
     * How many bytes of the wanted range, from its first one on, the body will bring.
     *
     * @param first of the wanted range
     * @param end the first byte after it
     */
    static long rangeLength(HttpClientResponse head, URI uri, long first, long end)
            throws FlipsideException, BrokenTransfer {
        if (isMissing(head)) {
            throw SourceFailures.missing(uri.toString(), null);
        }
        if (head.statusCode() == 416) {
            throw SourceFailures.tooShort(uri.toString(), end, "fewer (status 416)");
        }
        requireIdentity(head, uri);
        if (head.statusCode() == 200) {
            return lengthOfTheWhole(head, uri, first, end);
        }
        requireStatus(head, uri, 206, "status 206 to a Range request");
        String text = String.valueOf(head.getHeader("Content-Range"));
        Optional<ContentRange> range = ContentRange.parse(text);
        if (range.isEmpty() || range.get().first() != first || range.get().last() >= end) {
            throw SourceFailures.status(
                    uri.toString(),
                    "Content-Range from %d to at most %d".formatted(first, end - 1),
                    "'" + text + "'",
                    SERVE_FILES);
        }
        long lengthBytes = range.get().lengthBytes();
        if (contentLength(head).orElse(lengthBytes) != lengthBytes) {
            throw SourceFailures.status(
                    uri.toString(),
                    "Content-Length of the range, " + lengthBytes,
                    String.valueOf(head.getHeader("Content-Length")),
                    SERVE_FILES);
        }
        return lengthBytes;
    }

    /** A server without ranges still does for what begins the file; nothing else is skipped. */
    private static long lengthOfTheWhole(HttpClientResponse head, URI uri, long first, long end)
            throws FlipsideException {
        if (first != 0) {
            throw SourceFailures.status(
                    uri.toString(),
                    "status 206 to a Range request",
                    "status 200",
                    "serve the repository with a server that knows Range");
        }
        long lengthBytes = contentLength(head).orElse(end);
        if (lengthBytes < end) {
            throw SourceFailures.tooShort(uri.toString(), end, lengthBytes);
        }
        return end;
    }
}
