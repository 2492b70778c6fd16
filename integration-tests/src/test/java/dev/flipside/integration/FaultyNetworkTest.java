package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.integration.FaultyProxy.Fault;
import dev.flipside.integration.FaultyProxy.Plan;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Updates from a real nginx behind a proxy that cuts, stalls, is busy, spoils and lies: they end
 * well, fetch next to nothing twice, and where they cannot end well they end.
 */
@Timeout(900)
class FaultyNetworkTest {
    private static final int CUT_BYTES = 100_000;
    private static final int TUNNEL_CUT_BYTES = 1 << 20;
    private static final double ALLOWED = 1.05;

    /** Far more than the answers that are cut. */
    private static final int CHANGED_BYTES = 6 << 20;

    private static final Duration IMPATIENT = Duration.ofSeconds(5);

    /** Where nothing stalls but the machine, which may be busy. */
    private static final Duration PATIENT = Duration.ofMinutes(1);

    @TempDir Path folder;

    private Workbench bench;

    private void releases(int changedBytes) throws IOException {
        bench = Workbench.open(folder.resolve("bench"));
        bench.build("1", SmallRoot.of("1"));
        // A quarter of a large file is noise.
        bench.build("2", SmallRoot.of("2").withLarge("usr/large", 7, 4L * changedBytes));
        bench.publish("1");
        bench.disk("1", "128MiB", "448MiB");
    }

    private Workbench.Host host(URI url, String... lines) throws IOException {
        return host(url, IMPATIENT, lines);
    }

    private Workbench.Host host(URI url, Duration stallTimeout, String... lines)
            throws IOException {
        Path disk = folder.resolve("bench/disk-1.raw");
        Workbench.Host host = bench.install(disk, "host-" + System.nanoTime(), url);
        host.boot();
        ask(host, lines);
        ask(host, stallTimeout(stallTimeout));
        return host;
    }

    private static String stallTimeout(Duration timeout) {
        return "stall-timeout = '%ds'".formatted(timeout.toSeconds());
    }

    private static void ask(Workbench.Host host, String... lines) throws IOException {
        replace(host, "[source]\n", "[source]\n" + String.join("\n", lines) + "\n");
    }

    private static void replace(Workbench.Host host, String from, String to) throws IOException {
        String text = Files.readString(host.configuration());
        assertTrue(text.contains(from), text);
        Files.writeString(host.configuration(), text.replace(from, to));
    }

    private static String through(FaultyProxy proxy) {
        return "proxy = '%s'".formatted(proxy.address());
    }

    private long neededBytes() throws Exception {
        String lines =
                CommandLine.flipsideImage()
                        .check("diff", bench.release("1"), bench.release("2"), "--json");
        ObjectNode cost = Workbench.parse(lines.lines().toList().getLast());
        return cost.at("/fetch/totalBytes").longValue();
    }

    private static boolean isBlob(String target) {
        return target.contains("/blobs/");
    }

    private static void assertHardlyMore(long foundBytes, long neededBytes, FaultyProxy proxy) {
        System.out.printf(
                "%d bytes were sent, %d were needed: %.3f times%n",
                foundBytes, neededBytes, (double) foundBytes / neededBytes);
        assertTrue(
                foundBytes <= ALLOWED * neededBytes,
                () ->
                        "%d of %d bytes:%n%s"
                                .formatted(
                                        foundBytes, neededBytes, String.join("\n", proxy.done())));
    }

    @Test
    void fetchesNothingTwiceThroughCutsStallsAndBusyServers() throws Exception {
        releases(CHANGED_BYTES);
        Plan plan =
                (number, target) -> {
                    if (!isBlob(target)) {
                        return Fault.NONE;
                    }
                    return number % 23 == 0
                            ? Fault.STALL
                            : number % 11 == 0 ? Fault.BUSY : Fault.CUT;
                };
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"));
                FaultyProxy proxy = FaultyProxy.start(CUT_BYTES, plan)) {
            Workbench.Host host = host(server.uri(), through(proxy));
            bench.publish("2");
            long before = proxy.sentBytes();
            host.flipctl("update");
            host.expect("1", "2", "reboot-pending");
            long needed = neededBytes();
            assertTrue(needed > CHANGED_BYTES);
            // The metadata is in it, too.
            assertHardlyMore(proxy.sentBytes() - before, needed, proxy);
            for (Fault fault : List.of(Fault.CUT, Fault.STALL, Fault.BUSY)) {
                assertTrue(proxy.done().stream().anyMatch(it -> it.startsWith(fault.name())));
            }
            host.boot();
            host.expect("2", "1", "committed");
        }
    }

    @Test
    void fetchesOnlyTheFrameAgainThatWasSpoiltOnTheWay() throws Exception {
        releases(CHANGED_BYTES);
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"));
                // The pack is the only blob that has so many bytes.
                FaultyProxy proxy =
                        FaultyProxy.start(
                                1_200_000,
                                (number, target) -> isBlob(target) ? Fault.SPOIL : Fault.NONE)) {
            Workbench.Host host = host(server.uri(), through(proxy));
            bench.publish("2");
            long before = proxy.sentBytes();
            host.flipctl("update");
            host.expect("1", "2", "reboot-pending");
            assertHardlyMore(proxy.sentBytes() - before, neededBytes(), proxy);
            long asked = proxy.done().stream().filter(it -> it.startsWith("SPOIL")).count();
            assertTrue(asked > 5, () -> String.join("\n", proxy.done()));
        }
    }

    @Test
    void asksAgainForEverythingThatIsSpoiltTheFirstTime() throws Exception {
        releases(1 << 20);
        Map<String, Fault> seen = new ConcurrentHashMap<>();
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"));
                FaultyProxy proxy =
                        FaultyProxy.start(
                                100,
                                (number, target) ->
                                        isBlob(target) && seen.put(target, Fault.NONE) == null
                                                ? Fault.SPOIL
                                                : Fault.NONE)) {
            Workbench.Host host = host(server.uri(), through(proxy));
            bench.publish("2");
            seen.clear();
            host.flipctl("update");
            host.expect("1", "2", "reboot-pending");
            assertTrue(
                    proxy.done().stream().filter(it -> it.startsWith("SPOIL")).count() >= 4,
                    () -> String.join("\n", proxy.done()));
            host.boot();
            host.expect("2", "1", "committed");
        }
    }

    @Test
    void leavesAMirrorThatMisbehavesForTheNextOne() throws Exception {
        releases(1 << 20);
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            Workbench.Host first = host(server.uri(), PATIENT);
            Path kept = folder.resolve("kept");
            copy(first.folder(), kept);
            bench.publish("2");
            URI good = URI.create(server.uri().toString().replace("127.0.0.1", "localhost"));
            for (Fault fault : Fault.values()) {
                Plan plan =
                        (number, target) ->
                                target.contains("127.0.0.1") && isBlob(target) ? fault : Fault.NONE;
                try (FaultyProxy proxy = FaultyProxy.start(3_000, plan)) {
                    remove(first.folder());
                    copy(kept, first.folder());
                    if (fault != Fault.NONE) {
                        replace(first, stallTimeout(PATIENT), stallTimeout(IMPATIENT));
                    }
                    ask(first, through(proxy), "mirrors = ['%s']".formatted(good), "attempts = 2");
                    first.flipctl("update");
                    first.expect("1", "2", "reboot-pending");
                    assertEquals(
                            fault != Fault.NONE,
                            proxy.done().stream()
                                    .anyMatch(it -> it.contains("localhost") && isBlob(it)),
                            () -> fault + ":\n" + String.join("\n", proxy.done()));
                }
            }
        }
    }

    @Test
    void endsWhereEveryMirrorMisbehavesAndLosesNothing() throws Exception {
        releases(CHANGED_BYTES);
        Fault[] now = {Fault.NONE};
        int[] blobs = {0};
        Plan plan =
                (number, target) -> {
                    if (isBlob(target)) {
                        blobs[0]++;
                    }
                    return isBlob(target) && blobs[0] > 40 ? now[0] : cutOr(target);
                };
        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"));
                FaultyProxy proxy = FaultyProxy.start(CUT_BYTES, plan)) {
            Workbench.Host host = host(server.uri(), PATIENT, through(proxy), "attempts = 2");
            bench.publish("2");
            long before = proxy.sentBytes();
            Map<Fault, FailureCode> ends =
                    Map.of(
                            Fault.BUSY, FailureCode.SOURCE_UNREACHABLE,
                            Fault.WRONG_RANGE, FailureCode.SOURCE_STATUS,
                            Fault.WHOLE_FILE, FailureCode.SOURCE_STATUS,
                            Fault.REDIRECT, FailureCode.SOURCE_STATUS);
            now[0] = Fault.BUSY;
            host.refuses(ends.get(Fault.BUSY), "update");
            long got = proxy.sentBytes() - before;
            for (Fault fault : List.of(Fault.WRONG_RANGE, Fault.WHOLE_FILE, Fault.REDIRECT)) {
                now[0] = fault;
                host.refuses(ends.get(fault), "update");
            }
            // A restart and a reboot later, what was fetched is found in the slot by its hashes.
            host.boot();
            host.expect("1", "null", "idle");
            now[0] = Fault.NONE;
            blobs[0] = 0;
            long then = proxy.sentBytes();
            host.flipctl("update");
            host.expect("1", "2", "reboot-pending");
            assertHardlyMore(got + proxy.sentBytes() - then, neededBytes(), proxy);
        }
    }

    private static Fault cutOr(String target) {
        return isBlob(target) ? Fault.CUT : Fault.NONE;
    }

    @Test
    void updatesOverTlsAsAKnownHostThroughAProxyThatCutsStallsAndSpoils() throws Exception {
        releases(4 * CHANGED_BYTES);
        TestAuthority authority =
                TestAuthority.in(folder.resolve("tls")).issue("server").issue("host");
        TestAuthority other = TestAuthority.in(folder.resolve("other")).issue("host");
        Plan plan =
                (number, target) ->
                        switch (number % 14) {
                            case 3, 9 -> Fault.STALL;
                            case 5, 12 -> Fault.BUSY;
                            case 6 -> number < 14 ? Fault.SPOIL : Fault.CUT;
                            default -> Fault.CUT;
                        };
        try (NginxServer server = authority.serve(bench.repository(), folder.resolve("nginx"));
                FaultyProxy proxy = FaultyProxy.start(TUNNEL_CUT_BYTES, plan)) {
            Workbench.Host host =
                    host(server.uri(), "ca-certificates = '%s'".formatted(authority.certificate()));
            bench.publish("2");
            host.refuses(FailureCode.SOURCE_STATUS, "update");

            Workbench.Host misled = host(server.uri(), certificate(other, other));
            String line = misled.refuses(FailureCode.SOURCE_UNREACHABLE, "update");
            assertTrue(line.contains("certificate"), line);
            Workbench.Host unknown = host(server.uri(), certificate(authority, other));
            unknown.refuses(FailureCode.SOURCE_STATUS, "update");
            Workbench.Host system = host(server.uri());
            system.refuses(FailureCode.SOURCE_UNREACHABLE, "update");

            Workbench.Host known = host(server.uri(), certificate(authority, authority));
            long before = proxy.sentBytes();
            CommandLine.Outcome outcome =
                    CommandLine.flipctl()
                            .under(
                                    List.of(),
                                    Map.of("https_proxy", proxy.address(), "no_proxy", "none"))
                            .run("--config", known.configuration(), "update");
            assertEquals(0, outcome.exitCode(), outcome::toString);
            assertFalse(outcome.err().contains("SEVERE"), outcome::toString);
            known.expect("1", "2", "reboot-pending");
            // All that went to the host, TLS handshakes and metadata, too, received or not.
            assertHardlyMore(proxy.sentBytes() - before, neededBytes(), proxy);
            assertDone(proxy, Map.of(Fault.CUT, 10, Fault.STALL, 3, Fault.BUSY, 3, Fault.SPOIL, 1));
        }
    }

    private static void assertDone(FaultyProxy proxy, Map<Fault, Integer> atLeast) {
        atLeast.forEach(
                (fault, times) ->
                        assertTrue(
                                proxy.done().stream()
                                                .filter(it -> it.startsWith(fault.name()))
                                                .count()
                                        >= times,
                                () -> fault + ":\n" + String.join("\n", proxy.done())));
    }

    private static String certificate(TestAuthority trusted, TestAuthority own) {
        return """
        ca-certificates = '%s'
        client-certificate = '%s'
        client-key = '%s'
        """
                .formatted(trusted.certificate(), own.certificate("host"), own.key("host"));
    }

    private static void copy(Path from, Path to) {
        Tools.find("cp").check("-a", "--sparse=always", from, to);
    }

    private static void remove(Path folder) {
        Tools.find("rm").check("-r", folder);
    }
}
