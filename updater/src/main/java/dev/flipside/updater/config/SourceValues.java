package dev.flipside.updater.config;

import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part {@code [source]}. */
record SourceValues(ConfigValues values) {
    private static final List<String> SCHEMES = List.of("http", "https", "file");
    private static final String NO_PROXY = "none";
    private static final int MAX_MIRRORS = 16;
    private static final int MAX_ATTEMPTS = 100;
    private static final int MIN_BYTES_PER_SECOND = 4096;
    private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration MAX_STALL = Duration.ofMinutes(10);
    private static final Duration MAX_CONNECT = Duration.ofMinutes(5);

    UpdaterConfig.Source source() throws FlipsideException {
        Optional<Path> certificate = values.optionalPath(ConfigKey.SOURCE_CLIENT_CERTIFICATE);
        Optional<Path> key = values.optionalPath(ConfigKey.SOURCE_CLIENT_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw values.invalid(
                    certificate.isPresent()
                            ? ConfigKey.SOURCE_CLIENT_CERTIFICATE
                            : ConfigKey.SOURCE_CLIENT_KEY,
                    "both client-certificate and client-key, or neither,",
                    "one of them");
        }
        return new UpdaterConfig.Source(
                values.url(ConfigKey.SOURCE_URL, SCHEMES),
                mirrors(),
                proxy(),
                values.optionalPath(ConfigKey.SOURCE_CA_CERTIFICATES),
                certificate,
                key,
                bytesPerSecond(),
                values.duration(ConfigKey.SOURCE_STALL_TIMEOUT, MIN_TIMEOUT, MAX_STALL),
                values.duration(ConfigKey.SOURCE_CONNECT_TIMEOUT, MIN_TIMEOUT, MAX_CONNECT),
                attempts());
    }

    private List<URI> mirrors() throws FlipsideException {
        List<String> texts = values.texts(ConfigKey.SOURCE_MIRRORS);
        if (texts.size() > MAX_MIRRORS) {
            throw values.invalid(
                    ConfigKey.SOURCE_MIRRORS,
                    "at most %d mirrors".formatted(MAX_MIRRORS),
                    Integer.toString(texts.size()));
        }
        List<URI> mirrors = new ArrayList<>();
        for (String text : texts) {
            mirrors.add(values.url(ConfigKey.SOURCE_MIRRORS, text, SCHEMES));
        }
        return mirrors;
    }

    private UpdaterConfig.Proxy proxy() throws FlipsideException {
        List<String> except = values.texts(ConfigKey.SOURCE_NO_PROXY);
        String text = values.text(ConfigKey.SOURCE_PROXY);
        if (text.isEmpty()) {
            return new UpdaterConfig.Proxy.OfEnvironment();
        }
        if (text.equals(NO_PROXY)) {
            return new UpdaterConfig.Proxy.None();
        }
        URI url = values.url(ConfigKey.SOURCE_PROXY, text, List.of("http"));
        if (url.getHost() == null) {
            throw values.invalid(
                    ConfigKey.SOURCE_PROXY, "http://HOST:PORT", "'%s'".formatted(text));
        }
        return new UpdaterConfig.Proxy.At(url, except);
    }

    private int bytesPerSecond() throws FlipsideException {
        int found = values.count(ConfigKey.SOURCE_BYTES_PER_SECOND);
        if (found != 0 && found < MIN_BYTES_PER_SECOND) {
            throw values.invalid(
                    ConfigKey.SOURCE_BYTES_PER_SECOND,
                    "0, or at least " + MIN_BYTES_PER_SECOND,
                    Integer.toString(found));
        }
        return found;
    }

    private int attempts() throws FlipsideException {
        int found = values.number(ConfigKey.SOURCE_ATTEMPTS);
        if (found > MAX_ATTEMPTS) {
            throw values.invalid(
                    ConfigKey.SOURCE_ATTEMPTS, "at most " + MAX_ATTEMPTS, Integer.toString(found));
        }
        return found;
    }
}
