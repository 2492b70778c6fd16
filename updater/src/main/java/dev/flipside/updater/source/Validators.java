package dev.flipside.updater.source;

import io.vertx.core.http.HttpClientResponse;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The validators of RFC 9110, section 8.8, as one line of text: {@code etag} or {@code
 * last-modified}, a space, and the header as it came.
 */
final class Validators {
    private static final String ETAG = "etag ";
    private static final String LAST_MODIFIED = "last-modified ";

    /** No line break, so that nothing that was stored adds a header of its own. */
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]{1,256}");

    private Validators() {}

    static Optional<String> of(HttpClientResponse head) {
        return usable(ETAG, head.getHeader("ETag"))
                .or(() -> usable(LAST_MODIFIED, head.getHeader("Last-Modified")));
    }

    private static Optional<String> usable(String kind, String value) {
        return value != null && VALUE.matcher(value).matches()
                ? Optional.of(kind + value)
                : Optional.empty();
    }

    /** The headers of a conditional request; none for a validator that is not one. */
    static Map<String, String> headers(Optional<String> validator) {
        String text = validator.orElse("");
        if (text.startsWith(ETAG) && isValue(text.substring(ETAG.length()))) {
            return Map.of("If-None-Match", text.substring(ETAG.length()));
        }
        if (text.startsWith(LAST_MODIFIED) && isValue(text.substring(LAST_MODIFIED.length()))) {
            return Map.of("If-Modified-Since", text.substring(LAST_MODIFIED.length()));
        }
        return Map.of();
    }

    private static boolean isValue(String text) {
        return VALUE.matcher(text).matches();
    }
}
