package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProxiesTest {
    private static final URI PLAIN = URI.create("http://updates.example.org/a");
    private static final URI SECURE = URI.create("https://updates.example.org/a");

    @Test
    void takesEachVariableForItsScheme() throws FlipsideException {
        Proxies proxies =
                Proxies.ofEnvironment(
                        Map.of("http_proxy", "http://one:1/", "HTTPS_PROXY", "two:3128"));
        assertEquals(Optional.of(URI.create("http://one:1/")), proxies.of(PLAIN));
        assertEquals(Optional.of(URI.create("http://two:3128")), proxies.of(SECURE));
    }

    @Test
    void doesNotBelieveAVariableThatAWebServerMaySet() throws FlipsideException {
        Proxies proxies = Proxies.ofEnvironment(Map.of("HTTP_PROXY", "http://one:1"));
        assertEquals(Optional.empty(), proxies.of(PLAIN));
    }

    @Test
    void asksHostsDirectlyThatTheEnvironmentExcepts() throws FlipsideException {
        Proxies proxies =
                Proxies.ofEnvironment(
                        Map.of("https_proxy", "http://p", "no_proxy", "localhost, .example.org"));
        assertEquals(Optional.empty(), proxies.of(SECURE));
        assertTrue(proxies.of(URI.create("https://example.com/")).isPresent());
    }

    @Test
    void refusesAVariableThatIsNoProxyWithoutShowingItsPassword() {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                Proxies.ofEnvironment(
                                        Map.of("https_proxy", "socks5://u:secret@p:1")));
        assertEquals(FailureCode.CONFIG_INVALID, e.failure().code());
        assertFalse(e.failure().line().contains("secret"), e.failure().line());
    }

    @Test
    void knowsNamesAddressesAndNetworks() {
        DirectHosts hosts =
                DirectHosts.of(
                        List.of(
                                "Example.org",
                                ".internal",
                                "*.svc",
                                "10.0.0.0/9",
                                "192.168.1.7",
                                "[fd00::1]",
                                "fd01::/16",
                                "172.16.0.0/99",
                                ""));
        for (String host :
                List.of(
                        "example.org",
                        "a.EXAMPLE.org",
                        "internal",
                        "x.internal",
                        "a.svc",
                        "10.127.255.255",
                        "192.168.1.7",
                        "[fd00::1]",
                        "[fd01:2::3]")) {
            assertTrue(hosts.contains(host), host);
        }
        for (String host :
                List.of(
                        "example.com",
                        "badexample.org",
                        "xinternal",
                        "10.128.0.0",
                        "192.168.1.70",
                        "[fd00::2]",
                        "172.16.0.0",
                        "1.10.0.0")) {
            assertFalse(hosts.contains(host), host);
        }
        assertTrue(DirectHosts.of(List.of("*")).contains("anything"));
        assertFalse(DirectHosts.of(List.of()).contains("anything"));
    }
}
