package dev.flipside.updater.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.updater.lifecycle.PollSchedule;
import dev.flipside.updater.lifecycle.RebootStrategy;
import dev.flipside.updater.lifecycle.StagingTime;
import dev.flipside.updater.lifecycle.Timing;
import dev.flipside.updater.lifecycle.WithdrawalResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileTest {
    private static final Path FILE = Path.of("/hosts/one/flipside.toml");
    private static final Path REFERENCE = Path.of("..", "docs", "reference", "configuration.md");
    private static final String SMALLEST =
            """
            [source]
            url = "http://localhost/repo"
            [host]
            product = "demo"
            """;

    @Test
    void hasADefaultForAllButTwoKeys() throws FlipsideException {
        UpdaterConfig config = parse(SMALLEST);
        assertEquals("stable", config.policy().channel());
        assertEquals(RebootStrategy.NEVER, config.policy().reboot());
        assertEquals(Timing.any(), config.policy().timing());
        assertEquals(WithdrawalResponse.WINDOW, config.policy().withdrawal());
        assertEquals(Path.of("/run/reboot-required"), config.policy().sentinel());
        assertEquals(Architecture.X86_64, config.host().architecture());
        assertEquals(Optional.empty(), config.host().disk());
        assertEquals(Optional.empty(), config.host().esp());
        assertEquals(Path.of("/var/lib/flipside"), config.host().state());
        assertEquals(Path.of("/"), config.host().systemRoot());
        assertEquals(Path.of("/usr/lib/flipside/root.json"), config.host().rootJson());
        assertEquals(
                List.of("/usr/lib/flipside/health.d", "/etc/flipside/health.d"),
                config.health().folders());
        assertEquals(new UpdaterConfig.Limits(262144, 524288, 2), config.limits());
        assertTrue(!config.host().fileBacked());
        assertEquals(
                new UpdaterConfig.Source(URI.create("http://localhost/repo")), config.source());
    }

    @Test
    void readsHowTheSourceIsAsked() throws FlipsideException {
        UpdaterConfig.Source source =
                parse(
                                """
                                [source]
                                url = "https://one/repo"
                                mirrors = ["http://two", "file:///three"]
                                proxy = "http://proxy:3128"
                                no-proxy = ["example.org", "10.0.0.0/8"]
                                ca-certificates = "ca.pem"
                                client-certificate = "host.pem"
                                client-key = "/keys/host.pem"
                                bytes-per-second = 4096
                                stall-timeout = "1m"
                                connect-timeout = "2s"
                                attempts = 9
                                [host]
                                product = "demo"
                                """)
                        .source();
        assertEquals(
                new UpdaterConfig.Source(
                        URI.create("https://one/repo"),
                        List.of(URI.create("http://two"), URI.create("file:///three")),
                        new UpdaterConfig.Proxy.At(
                                URI.create("http://proxy:3128"),
                                List.of("example.org", "10.0.0.0/8")),
                        Optional.of(Path.of("/hosts/one/ca.pem")),
                        Optional.of(Path.of("/hosts/one/host.pem")),
                        Optional.of(Path.of("/keys/host.pem")),
                        4096,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(2),
                        9),
                source);
        assertEquals(
                new UpdaterConfig.Proxy.None(), parse(with("proxy = 'none'")).source().proxy());
    }

    @Test
    void refusesASourceThatCannotBe() {
        assertLine(refused(with("mirrors = ['gopher://x']")), "line 3", "mirrors", "gopher");
        assertLine(refused(with("mirrors = [" + "'http://x',".repeat(17) + "]")), "at most 16");
        assertLine(refused(with("proxy = 'socks5://x'")), "an http: URL", "[source] proxy");
        assertLine(refused(with("proxy = 'http:///'")), "http://HOST:PORT");
        assertLine(refused(with("client-key = 'k'")), "both client-certificate and client-key");
        assertLine(refused(with("client-certificate = 'k'")), "both");
        assertLine(refused(with("bytes-per-second = 4095")), "at least 4096");
        assertLine(refused(with("bytes-per-second = -1")), "0 or above");
        assertLine(refused(with("stall-timeout = '0s'")), "from 1s to 10m");
        assertLine(refused(with("connect-timeout = '6m'")), "from 1s to 5m");
        assertLine(refused(with("attempts = 101")), "at most 100");
    }

    private static String with(String line) {
        return SMALLEST.replace("[host]", line + "\n[host]");
    }

    @Test
    void readsEveryKey() throws FlipsideException {
        UpdaterConfig config =
                parse(
                        """
                        [source]
                        url = "file:///media/usb"
                        [policy]
                        channel = "beta"
                        reboot = "sentinel"
                        sentinel = "reboot"
                        algorithms = "fips"
                        windows = ["Sat,Sun 22:00-06:00", "daily 02:30 1h"]
                        time-zone = "Europe/Berlin"
                        stage = "at-once"
                        minimum-age = "1d12h"
                        waves = "ignore"
                        withdrawn = "stay"
                        poll-interval = "30m"
                        poll-jitter = "90s"
                        [host]
                        product = "demo"
                        architecture = "arm64"
                        disk = "disk.raw"
                        esp = "esp"
                        state = "var/flipside"
                        system-root = "system"
                        root-json = "/etc/root.json"
                        [health]
                        folders = ["/a", "/b"]
                        [limits]
                        history-bytes = 1000
                        lookup-bytes = 2000
                        threads = 3
                        """);
        assertEquals("file:///media/usb", config.source().url().toString());
        assertEquals(RebootStrategy.SENTINEL, config.policy().reboot());
        assertEquals(Path.of("/hosts/one/reboot"), config.policy().sentinel());
        assertEquals(AlgorithmPolicy.FIPS, config.policy().algorithms());
        Timing timing = config.policy().timing();
        assertEquals(
                "Sat,Sun 22:00-06:00; daily 02:30 1h (Europe/Berlin)", timing.windows().words());
        assertEquals(StagingTime.AT_ONCE, timing.staging());
        assertEquals(Duration.ofHours(36), timing.minimumAge());
        assertFalse(timing.waves());
        assertEquals(WithdrawalResponse.STAY, config.policy().withdrawal());
        assertEquals(
                new PollSchedule(Duration.ofMinutes(30), Duration.ofSeconds(90)),
                config.policy().poll());
        assertEquals(Architecture.ARM64, config.host().architecture());
        assertEquals(Optional.of(Path.of("/hosts/one/disk.raw")), config.host().disk());
        assertEquals(Path.of("/hosts/one/var/flipside"), config.host().state());
        assertEquals(Path.of("/hosts/one/system"), config.host().systemRoot());
        assertEquals(Path.of("/etc/root.json"), config.host().rootJson());
        assertEquals(List.of("/a", "/b"), config.health().folders());
        assertEquals(new UpdaterConfig.Limits(1000, 2000, 3), config.limits());
        assertTrue(config.host().fileBacked());
    }

    @Test
    void namesTheLineAndTheNearestKeyOfAnUnknownOne() {
        FlipsideException e = refused(SMALLEST + "disc = \"x\"\n");
        assertEquals(
                "/hosts/one/flipside.toml, line 5: expected a known key, found [host] disc; did you"
                        + " mean 'disk'? [config-invalid]",
                e.failure().line());
        FlipsideException section = refused(SMALLEST + "[polici]\nchannel = \"x\"\n");
        assertTrue(section.failure().what().endsWith(", line 5"), section.failure().line());
        assertTrue(section.failure().action().contains("'policy'"), section.failure().line());
    }

    @Test
    void refusesWhatIsNotOfItsKind() {
        assertLine(refused(SMALLEST + "esp = 3\n"), "line 5", "a path in [host] esp", "found 3");
        assertLine(
                refused(SMALLEST + "architecture = \"sparc\"\n"),
                "one of x86-64, arm64",
                "'sparc'");
        assertLine(refused(SMALLEST + "[limits]\nthreads = 0\n"), "line 6", "above 0");
        assertLine(refused(SMALLEST + "[limits]\nthreads = 99999999999\n"), "above 0");
        assertLine(refused(SMALLEST + "[health]\nfolders = \"/a\"\n"), "an array of strings");
        assertLine(refused(SMALLEST + "[health]\nfolders = [\"/a\", 1]\n"), "array of strings");
        assertLine(refused(SMALLEST.replace("http:", "gopher:")), "an http:, https: or file: URL");
        assertLine(refused(SMALLEST.replace("http://", "ht tp://")), "a URL");
        assertLine(refused("[source]\nurl = \"http://a\"\n"), "[host] product", "found nothing");
        assertLine(refused("source = 1\n"), "a known section");
    }

    @Test
    void refusesAPolicyThatMeansNothing() {
        assertLine(policy("reboot = \"imediately\""), "line 6", "did you mean 'immediately'?");
        assertLine(policy("time-zone = \"Europe/Berln\""), "did you mean 'Europe/Berlin'?");
        assertLine(policy("poll-interval = \"0s\""), "from 1m to 30d", "'0s'");
        assertLine(policy("poll-interval = \"1 hour\""), "a duration", "'1 hour'");
        assertLine(policy("poll-interval = 60"), "a duration", "found 60");
        assertLine(policy("minimum-age = \"366d\""), "from 0s to 365d");
        for (String window :
                List.of(
                        "",
                        "always",
                        "Sat",
                        "Sat 22:00",
                        "Sat 22:00-",
                        "Sat 22:00-25:00",
                        "Sat 24:00-02:00",
                        "Sut 22:00-06:00",
                        "Sat..Sut 22:00-06:00",
                        "Sat, 22:00-06:00",
                        "Sat 22:00 0s",
                        "Sat 22:00 7d1s",
                        "Sat 22:00 4 h")) {
            assertLine(policy("windows = [\"daily 01:00 1h\", \"" + window + "\"]"), "line 6");
        }
    }

    @Test
    void takesDaysInListsAndRangesThatGoOverTheEndOfTheWeek() {
        assertEquals("Mon,Sat,Sun 22:00 4h", window("sat..MON 22:00 4h"));
        assertEquals("Mon,Tue,Wed,Thu,Fri 01:00-05:30", window("Mon..Fri 01:00-05:30"));
        assertEquals("Mon,Wed,Thu 01:00-00:00", window("Mon,Wed..Thu 01:00-24:00"));
        assertEquals("Sun 00:00 7d", window("Sun 00:00 168h"));
        assertEquals("daily 00:00-00:00", window("Mon..Sun 00:00-24:00"));
    }

    private static String window(String text) {
        return PolicyText.window(text).orElseThrow(() -> new AssertionError(text)).words();
    }

    private static FlipsideException policy(String line) {
        return refused(SMALLEST + "[policy]\n" + line + "\n");
    }

    @Test
    void namesTheLineHoweverTheKeyIsWritten() {
        assertLine(refused("source.url = \"a:b\"\nhost.product = \"demo\"\n"), "line 1");
        assertLine(refused(SMALLEST + "\n[\"limits\"]\n\n'threads' = 0\n"), "line 8");
        assertLine(refused("limits = { threads = 0 }\n" + SMALLEST), "line 1");
        assertLine(refused("polici.x = 1\n" + SMALLEST), "line 1", "'policy'");
    }

    @Test
    void refusesWhatIsNotTomlWithItsLine() {
        assertLine(refused("[source]\nurl = \n"), "line 2", "expected TOML");
        assertLine(refused("[source]\nurl = \"a\"\nurl = \"b\"\n"), "expected TOML");
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> ConfigFile.parse(FILE, new byte[] {(byte) 0xc3, 0x28}));
        assertLine(e, "not UTF-8");
    }

    @Test
    void saysWhichFileIsMissing(@TempDir Path folder) {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> ConfigFile.load(folder.resolve("none.toml")));
        assertEquals(FailureCode.INPUT_MISSING, e.failure().code());
    }

    @Test
    void showsWhereEachValueComesFrom(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("f.toml"), SMALLEST);
        List<ConfigValue> values = ConfigFile.values(file);
        assertEquals(ConfigKey.values().length, values.size());
        assertEquals(
                new ConfigValue("source", "url", "\"http://localhost/repo\"", file + ", line 2"),
                values.getFirst());
        assertTrue(values.contains(new ConfigValue("policy", "channel", "\"stable\"", "default")));
    }

    @Test
    void isTotalOnAnyBytes() {
        byte[] valid = SMALLEST.getBytes(StandardCharsets.UTF_8);
        for (long seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = valid.clone();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                assertEquals("demo".length(), parse(bytes).host().product().length());
            } catch (FlipsideException e) {
                assertTrue(!e.failure().line().isEmpty());
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void theReferenceHasEveryKeyWithItsDefault() throws IOException {
        String reference = Files.readString(REFERENCE);
        StringBuilder table = new StringBuilder();
        for (ConfigKey key : ConfigKey.values()) {
            table.append(
                    "| `[%s] %s` | %s | %s | %s |\n"
                            .formatted(
                                    key.section(),
                                    key.key(),
                                    key.kind().words(),
                                    key.fallback().isEmpty()
                                            ? "must be given"
                                            : "`%s`".formatted(key.fallbackAsToml()),
                                    key.description()));
        }
        assertTrue(
                reference.contains(table.toString()),
                () -> "put this into docs/reference/configuration.md:\n" + table);
    }

    private static UpdaterConfig parse(String text) throws FlipsideException {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static UpdaterConfig parse(byte[] bytes) throws FlipsideException {
        return ConfigFile.parse(FILE, bytes);
    }

    private static FlipsideException refused(String text) {
        FlipsideException e = assertThrows(FlipsideException.class, () -> parse(text));
        assertEquals(FailureCode.CONFIG_INVALID, e.failure().code());
        return e;
    }

    private static void assertLine(FlipsideException e, String... parts) {
        for (String part : parts) {
            assertTrue(e.failure().line().contains(part), e.failure().line());
        }
    }
}
