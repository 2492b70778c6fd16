package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the memory of an update comes to is a matter of configuration, not of the image: the
 * anonymous memory of a {@code flipsided} that is started as on a host, for an image and for one
 * about ten times as large. With {@code ./test --all}: 200 MiB and 2 GiB.
 */
class UpdateMemoryTest {
    private static final boolean ALL = Boolean.getBoolean("flipside.all");
    private static final int SMALL_MIB = ALL ? 200 : 20;
    private static final int LARGE_MIB = ALL ? 2048 : 200;
    private static final long MAX_MORE_BYTES = 4L << 20;

    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final Pattern ANONYMOUS = Pattern.compile("RssAnon:\\s+(\\d+) kB");

    /** A quarter of the image changes, the rest is found in the booted slot. */
    private static final int PARTS = 8;

    private static final int CHANGED_PARTS = 2;

    @TempDir Path folder;

    @Test
    void anUpdateTakesNoMoreMemoryForALargeImageThanForASmallOne() throws Exception {
        Sysroot.make();
        long small = peakBytes(SMALL_MIB);
        long large = peakBytes(LARGE_MIB);
        String found =
                "peak of %d KiB for %d MiB, %d KiB for %d MiB"
                        .formatted(small >> 10, SMALL_MIB, large >> 10, LARGE_MIB);
        System.out.println("flipsided, an update: " + found);
        assertTrue(large - small <= MAX_MORE_BYTES, found);
    }

    private long peakBytes(int sizeMib) throws Exception {
        Path place = Files.createDirectory(folder.resolve("of-" + sizeMib));
        // Hashes gigabytes, which only compiled code does in time.
        Workbench bench =
                Workbench.open(
                        place,
                        CommandLine.flipsideImage()
                                .under(List.of("-XX:TieredStopAtLevel=4"), Map.of()));
        bench.build("1", root("1", 0, sizeMib));
        int slotMib = sizeMib + sizeMib / 16 + 16;
        String slotSize = slotMib + "MiB";
        Path disk = bench.disk("1", slotSize, (2 * (slotMib + slotMib / 64) + 200) + "MiB");
        bench.publish("1");
        bench.discard("1");
        try (NginxServer server = NginxServer.serve(bench.repository(), place.resolve("nginx"))) {
            Workbench.Host host = bench.install(disk, "host", server.uri());
            Files.delete(disk);
            host.boot();
            bench.build("2", root("2", CHANGED_PARTS, sizeMib));
            bench.publish("2");
            bench.discard("2");
            long peakBytes = peakOfAnUpdate(host, place);
            host.expect("1", "2", "reboot-pending");
            Files.delete(host.folder().resolve("disk.raw"));
            return peakBytes;
        }
    }

    private static SmallRoot root(String version, int changedParts, int sizeMib) {
        SmallRoot root = SmallRoot.of(version);
        for (int part = 0; part < PARTS; part++) {
            int seed = part < changedParts ? PARTS + part : part;
            root.withLarge("usr/large/" + part, seed, ((long) sizeMib << 20) / PARTS);
        }
        return root;
    }

    private static long peakOfAnUpdate(Workbench.Host host, Path folder) throws Exception {
        List<String> line =
                Sysroot.line(folder, "flipsided", List.of(), "--config", host.configuration());
        // As flipsided.service sets it: how many arenas malloc keeps is a matter of the machine.
        Map<String, String> environment = Map.of("MALLOC_ARENA_MAX", "1");
        try (DaemonProcess daemon = DaemonProcess.launch(host, line, environment)) {
            LongAccumulator peakBytes = new LongAccumulator(Math::max, 0);
            Awaitility.await()
                    .atMost(LONGEST)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                            () -> {
                                peakBytes.accumulate(anonymousBytes(daemon.pid()));
                                return daemon.text().contains("\"code\":\"reboot-pending\"")
                                        || !daemon.isAlive();
                            });
            assertTrue(daemon.isAlive(), daemon::text);
            assertEquals(0, daemon.stop(), daemon::text);
            assertTrue(peakBytes.get() > 0);
            return peakBytes.get();
        }
    }

    private static long anonymousBytes(long pid) {
        Matcher found = ANONYMOUS.matcher(read(Path.of("/proc/" + pid + "/status")));
        return found.find() ? Long.parseLong(found.group(1)) << 10 : 0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            // A process that has just ended.
            return "";
        }
    }
}
