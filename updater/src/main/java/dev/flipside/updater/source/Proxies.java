package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which HTTP proxy a request goes through.
 *
 * @param http for {@code http} addresses, without TLS
 * @param https for {@code https} addresses, which a proxy only passes on (CONNECT)
 * @param except hosts that are asked directly
 */
public record Proxies(Optional<URI> http, Optional<URI> https, DirectHosts except) {
    /** No proxy for anything. */
    public static Proxies none() {
        return new Proxies(Optional.empty(), Optional.empty(), DirectHosts.of(List.of()));
    }

    /** One proxy for all hosts but some. */
    public static Proxies at(URI proxy, List<String> except) {
        return new Proxies(Optional.of(proxy), Optional.of(proxy), DirectHosts.of(except));
    }

    /**
     * What the usual variables say: {@code http_proxy}, {@code https_proxy} or {@code HTTPS_PROXY},
     * and {@code no_proxy} or {@code NO_PROXY}. {@code HTTP_PROXY} is not read, as in curl: a web
     * server sets it from a header of whoever asks.
     *
     * @throws FlipsideException {@code config-invalid}
     */
    public static Proxies ofEnvironment(Map<String, String> environment) throws FlipsideException {
        String except = first(environment, "no_proxy", "NO_PROXY");
        return new Proxies(
                parse("http_proxy", first(environment, "http_proxy")),
                parse("https_proxy", first(environment, "https_proxy", "HTTPS_PROXY")),
                DirectHosts.of(List.of(except.split("[,\\s]+"))));
    }

    private static String first(Map<String, String> environment, String... names) {
        return Arrays.stream(names)
                .map(environment::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("")
                .strip();
    }

    private static Optional<URI> parse(String variable, String text) throws FlipsideException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI proxy = new URI(text.contains("://") ? text : "http://" + text);
            if ("http".equals(proxy.getScheme()) && proxy.getHost() != null) {
                return Optional.of(proxy);
            }
        } catch (URISyntaxException e) {
            throw invalid(variable, e);
        }
        throw invalid(variable, null);
    }

    // Without the value, in which a password may stand.
    private static FlipsideException invalid(String variable, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        "environment variable " + variable,
                        "http://HOST:PORT",
                        "something else",
                        "correct the variable, or set '[source] proxy'"),
                cause);
    }

    /** The proxy for a request to this address, or empty where it goes directly. */
    Optional<URI> of(URI address) {
        if (except.contains(address.getHost())) {
            return Optional.empty();
        }
        return "https".equals(address.getScheme()) ? https : http;
    }
}
