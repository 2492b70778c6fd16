package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.SimulatedHost.Rest;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact.Role;
import dev.flipside.updater.host.BootedSystem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the simulation to what was seen on real firmware, loaders and kernels. */
class SimulatedHostTest {
    private static final SimulatedHost.Daemon NO_DAEMON =
            () -> {
                throw new FlipsideException(FailureCode.UPDATE_HELD, "daemon", "one", "none", "");
            };

    @TempDir static Path releases;
    private static ReleaseManifest first;
    private static ReleaseManifest second;

    @TempDir Path folder;
    private FaultyHost host;

    @BeforeAll
    static void build() throws Exception {
        first = SmallReleases.build(SmallRoot.of("1"), "1", releases);
        second = SmallReleases.build(SmallRoot.of("2"), "2", releases);
    }

    @BeforeEach
    void install() throws Exception {
        host = FaultyHost.installed(releases.resolve("1"), folder.resolve("system"), 1);
    }

    @Test
    void bootsCountsJudgesAndMarksGood() throws Exception {
        Rest.Running running = running();
        assertEquals(first.verity().rootHash(), running.rootHash());
        assertEquals("flipside-0000000001+2-1.conf", running.fileName());
        assertEquals(1, running.boots());
        assertEquals(List.of("flipside-0000000001.conf"), host.entries());
    }

    @Test
    void theUpdaterUnderstandsWhatTheSystemFolderSays() throws Exception {
        running();
        BootedSystem booted = BootedSystem.read(host.system.path());
        Gpt gpt = Gpt.read(host.disk).gpt();
        assertEquals(OptionalLong.of(1), booted.sequence());
        assertTrue(booted.counted());
        assertEquals(
                List.of(
                        gpt.partitions().get(1).offsetBytes(FaultyHost.SECTOR_BYTES),
                        gpt.partitions().get(2).offsetBytes(FaultyHost.SECTOR_BYTES)),
                booted.partitions().stream()
                        .map(BootedSystem.PartitionExtent::startBytes)
                        .toList());
    }

    @Test
    void startsTheHighestSequenceAndFallsBackAfterThreeTriesWithoutARoot() throws Exception {
        plantSecond(Optional.of(BootCounter.fresh(3)));
        Rest.Running running = running();
        assertEquals(first.verity().rootHash(), running.rootHash());
        assertEquals(4, running.boots(), () -> host.console.toString());
        assertEquals(
                List.of("flipside-0000000001.conf", "flipside-0000000002+0-3.conf"),
                host.entries());
    }

    @Test
    void aBootThatIsNotCountedWaitsForItsOperator() throws Exception {
        plantSecond(Optional.empty());
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("not counted"), stopped.why());
        assertEquals(1, stopped.boots());
    }

    @Test
    void anImageThatDoesNotLoadIsTheEndAfterOneCount() throws Exception {
        String path = plantSecond(Optional.of(BootCounter.fresh(3)));
        host.esp.plant(path, "no PE".getBytes(StandardCharsets.US_ASCII));
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("Error loading"), stopped.why());
        assertEquals(1, stopped.boots());
        assertTrue(host.entries().contains("flipside-0000000002+2-1.conf"));
    }

    @Test
    void aUkiThatCannotGiveUpWaitsForEver() throws Exception {
        String path = plantSecond(Optional.of(BootCounter.fresh(3)));
        byte[] uki = host.esp.files().get(path);
        String text = new String(uki, StandardCharsets.ISO_8859_1);
        int service = text.lastIndexOf("flipside-give-up.service");
        uki[service] = 'x';
        host.esp.plant(path, uki);
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("waits for ever"), stopped.why());
    }

    @Test
    void aDefaultEntryIsStartedEvenWhenItIsBad() throws Exception {
        plantSecond(Optional.of(new BootCounter(0, 3)));
        host.esp.plant(
                EspLayout.LOADER_CONF,
                "default flipside-0000000002.conf\n".getBytes(StandardCharsets.US_ASCII));
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("no tries left"), stopped.why());
        assertEquals(1, stopped.boots());
    }

    @Test
    void aHostThatHasNothingToFallBackToStopsAfterItsTriesAndDoesNotLoop() throws Exception {
        plantSecond(Optional.of(BootCounter.fresh(3)));
        host.esp.remove(EspLayout.ENTRIES + "/flipside-0000000001+3-0.conf");
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("no tries left"), stopped.why());
        assertEquals(4, stopped.boots());
    }

    /** As systemd-boot since 259; the entries that Flipside writes are counted by every version. */
    @Test
    void anEntryForAnyEfiProgramIsNotCounted() throws Exception {
        host.esp.remove(EspLayout.ENTRIES + "/flipside-0000000001+3-0.conf");
        String path = plantSecond(Optional.of(BootCounter.fresh(3)));
        host.esp.plant(
                EspLayout.ENTRIES + "/flipside-0000000002+3-0.conf",
                "efi /%s\n".formatted(path).getBytes(StandardCharsets.US_ASCII));
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(stopped.why().contains("not counted"), stopped.why());
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entries());
    }

    @Test
    void aPreferredEntryIsStartedBeforeANewerOneUntilItIsBad() throws Exception {
        plantSecond(Optional.empty());
        host.esp.plant(
                EspLayout.LOADER_CONF,
                "preferred flipside-0000000001.conf\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals(first.verity().rootHash(), running().rootHash());
        host.esp.plant(
                EspLayout.LOADER_CONF,
                "preferred flipside-0000000002.conf\n".getBytes(StandardCharsets.US_ASCII));
        plantSecond(Optional.of(new BootCounter(0, 3)));
        host.esp.remove(EspLayout.ENTRIES + "/flipside-0000000002.conf");
        assertEquals(first.verity().rootHash(), running().rootHash());
    }

    @Test
    void aBadEntryIsPassedOver() throws Exception {
        plantSecond(Optional.of(new BootCounter(0, 3)));
        assertEquals(first.verity().rootHash(), running().rootHash());
    }

    @Test
    void aHostWithoutEntriesStops() throws Exception {
        host.esp.remove(EspLayout.ENTRIES + "/flipside-0000000001+3-0.conf");
        assertInstanceOf(Rest.Stopped.class, powerOn());
    }

    @Test
    void theFirmwareMendsATornPrimaryTable() throws Exception {
        host.disk.rot(FaultyHost.SECTOR_BYTES + 56, 1);
        assertTrue(!Gpt.read(host.disk).primaryValid());
        running();
        assertTrue(Gpt.read(host.disk).primaryValid());
    }

    @Test
    void aFlippedByteInTheFileSystemsSuperblockIsMetInTheInitrd() throws Exception {
        host.disk.rot(data().offsetBytes(FaultyHost.SECTOR_BYTES) + 1024, 1);
        Rest.Stopped stopped = assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(
                host.console
                        .toString()
                        .contains("kernel: panic: dm-verity device corrupted: data block 0"));
        // All tries are used up, and the loader has nothing else: it starts the bad entry again,
        // and the initrd sees to it that this is the last time.
        assertEquals(4, stopped.boots(), host.console::toString);
    }

    @Test
    void aFlippedByteInTheVeritySuperblockIsMetInTheInitrd() throws Exception {
        Partition hash = Gpt.read(host.disk).gpt().partitions().get(2);
        host.disk.rot(hash.offsetBytes(FaultyHost.SECTOR_BYTES) + 8, 1);
        assertInstanceOf(Rest.Stopped.class, powerOn());
        assertTrue(host.console.toString().contains("the root does not open"));
    }

    @Test
    void aFlippedByteInAFileIsMetByWhoReadsItAndByNobodyElse() throws Exception {
        host.disk.rot(offsetOf("ready\n"), 1);
        assertEquals(first.verity().rootHash(), running().rootHash(), "nobody reads the content");

        FaultyHost other = FaultyHost.installed(releases.resolve("1"), folder.resolve("other"), 2);
        other.disk.rot(offsetOf("small-is-ready"), 1);
        assertInstanceOf(Rest.Stopped.class, other.powerButton(NO_DAEMON).powerOn());
        assertTrue(other.console.toString().contains("kernel: panic"), other.console::toString);
    }

    @Test
    void aReleaseThatFailsItsCheckIsMarkedBadAtOnce() throws Exception {
        Path sick = Files.createDirectory(folder.resolve("sick"));
        SmallReleases.build(SmallRoot.of("3").without(SmallRoot.READY), "3", sick);
        FaultyHost installed =
                FaultyHost.installed(sick.resolve("3"), folder.resolve("sick-system"), 3);
        // With nothing to fall back to, the loader starts the bad entry again and again.
        assertInstanceOf(Rest.Stopped.class, installed.powerButton(NO_DAEMON).powerOn());
        assertTrue(installed.console.contains("boot: marked bad"));
        assertTrue(
                installed.state.files().keySet().stream().allMatch(it -> it.startsWith("trials/")),
                () -> installed.state.files().keySet().toString());
    }

    /** An entry for a release that is in no slot. */
    private String plantSecond(Optional<BootCounter> counter) throws Exception {
        ReleaseManifest.Artifact uki = second.artifact(Role.UKI).orElseThrow();
        String path = EspLayout.imagePath(uki.sha256());
        host.esp.plant(path, Files.readAllBytes(releases.resolve("2").resolve(uki.name())));
        host.plant(BootEntry.flipside(2, counter, "small 2", path));
        return path;
    }

    private Rest.Running running() throws Exception {
        return assertInstanceOf(Rest.Running.class, powerOn(), host.console::toString);
    }

    private Rest powerOn() throws Exception {
        return host.powerButton(NO_DAEMON).powerOn();
    }

    private Partition data() throws Exception {
        return Gpt.read(host.disk).gpt().partitions().get(1);
    }

    /** Where a text stands in slot A: each of these stands there once. */
    private long offsetOf(String text) throws Exception {
        ByteBuffer image = ByteBuffer.allocate(4 << 20);
        long start = data().offsetBytes(FaultyHost.SECTOR_BYTES);
        host.disk.read(image, start);
        String all = new String(image.array(), StandardCharsets.ISO_8859_1);
        assertEquals(all.indexOf(text), all.lastIndexOf(text), text);
        return start + all.indexOf(text);
    }
}
