package dev.flipside.updater.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.PartitionTypes;
import dev.flipside.boot.gpt.SlotTypes;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.PowerCut;
import dev.flipside.platform.PowerLine;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.updater.growth.DiskGrowth.Outcome;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.BootedSystem.PartitionExtent;
import dev.flipside.updater.host.DiskAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskGrowthTest {
    private static final long MIB = 1 << 20;
    private static final long BUILT_BYTES = 16 * MIB;

    /** No whole number of mebibytes, as a cloud may have it. */
    private static final long GROWN_BYTES = 40 * MIB + 40960;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void givesVarAndItsFileSystemAllOfAGrownDisk(int sectorSize) throws Exception {
        FaultyDisk disk = built(sectorSize, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        TestingVar var = new TestingVar(disk);
        assertEquals(
                new Outcome(true, Optional.of(40 * MIB - 10 * MIB), true),
                growth(disk, var).run(booted(disk)));
        assertWholeAndGrown(disk, var);
        assertEquals(List.of("resize 30", "fill"), var.calls);
    }

    @Test
    void growsADiskThatHadGrownBefore() throws Exception {
        FaultyDisk disk = built(512, 0).grown(GROWN_BYTES, 1);
        TestingVar var = new TestingVar(disk);
        growth(disk, var).run(booted(disk));
        assertWholeAndGrown(disk, var);
        assertEquals(List.of("resize 30", "fill"), var.calls);
    }

    @Test
    void knowsAVarThatWasFormattedOnADiskThatHasNotGrown() throws Exception {
        FaultyDisk disk = built(512, Partition.NO_AUTO);
        TestingVar var = new TestingVar(disk);
        assertEquals(
                new Outcome(false, Optional.of(5 * MIB), true),
                growth(disk, var).run(booted(disk)));
        assertEquals(0, var(disk).attributes());
    }

    @Test
    void fillsAVarInALaterBootThatCouldNotBeMountedInThisOne() throws Exception {
        FaultyDisk disk = built(512, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        TestingVar var = new TestingVar(disk);
        var.mounted = false;
        assertFalse(growth(disk, var).run(booted(disk)).filled());
        assertTrue(Gpt.read(disk).backupAtEnd());
        assertEquals(Partition.NO_AUTO | Partition.GROW_FILE_SYSTEM, var(disk).attributes());
        var.mounted = true;
        growth(disk, var).run(booted(disk));
        assertWholeAndGrown(disk, var);
    }

    @Test
    void writesNothingWhenThereIsNothingToDo() throws Exception {
        FaultyDisk disk = built(512, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        TestingVar var = new TestingVar(disk);
        growth(disk, var).run(booted(disk));
        var.calls.clear();
        long written = disk.writtenBytes();
        Outcome again = growth(disk, var).run(booted(disk));
        assertEquals(new Outcome(false, Optional.of(30 * MIB), false), again);
        assertEquals(written, disk.writtenBytes());
        assertEquals(List.of(), var.calls);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void anotherRunEndsWhatAPowerCutHasEnded(int sectorSize) throws Exception {
        FaultyDisk before = built(sectorSize, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        PowerLine whole = PowerLine.steady();
        FaultyDisk measured = before.copy(2);
        measured.plugInto(whole);
        growth(measured, new TestingVar(measured)).run(booted(measured));
        assertTrue(whole.operations() >= 12, "cuts to try: " + whole.operations());
        for (long cut = 0; cut < whole.operations(); cut++) {
            for (long seed = 0; seed < 40; seed++) {
                cutAndGoOn(before.copy(seed), cut, "cut %d, seed %d".formatted(cut, seed));
            }
        }
    }

    private static void cutAndGoOn(FaultyDisk disk, long cut, String where) throws Exception {
        BootedSystem system = booted(disk);
        List<Partition> slots = slots(disk);
        disk.plugInto(PowerLine.cutAfter(cut));
        TestingVar var = new TestingVar(disk);
        assertThrows(PowerCut.class, () -> growth(disk, var).run(system), where);
        disk.powerOn(PowerLine.steady());
        assertEquals(slots, slots(disk), where);
        if (var(disk).attributes() == 0) {
            assertTrue(var.isFilled(var(disk)), where);
        }
        growth(disk, var).run(system);
        assertWholeAndGrown(disk, var);
    }

    @Test
    void anotherCutInTheNextRunDoesNoHarmEither() throws Exception {
        FaultyDisk before = built(512, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        for (long first = 0; first < 14; first++) {
            for (long second = 0; second < 14; second++) {
                FaultyDisk disk = before.copy(first * 100 + second);
                List<Partition> slots = slots(disk);
                BootedSystem system = booted(disk);
                TestingVar var = new TestingVar(disk);
                for (long cut : List.of(first, second)) {
                    disk.powerOn(PowerLine.cutAfter(cut));
                    try {
                        growth(disk, var).run(system);
                    } catch (PowerCut e) {
                        assertEquals(slots, slots(poweredOn(disk)));
                    }
                }
                growth(poweredOn(disk), var).run(system);
                assertWholeAndGrown(disk, var);
            }
        }
    }

    @Test
    void mendsATornPrimaryBeforeItTouchesTheBackup() throws Exception {
        FaultyDisk before = new FaultyDisk(BUILT_BYTES, 512, 1);
        Gpt table = table(512, 0);
        Partition var = table.partitions().getLast();
        table.replacing(List.of(var.upTo(var.lastLba() - 4096))).create(before);
        BootedSystem system = booted(before);
        before.rot(2 * 512 + 5, 1);
        assertFalse(Gpt.read(before).primaryValid());
        List<Partition> slots = slots(before);
        for (long cut = 0; cut < 8; cut++) {
            for (long seed = 0; seed < 40; seed++) {
                FaultyDisk disk = before.copy(seed);
                disk.plugInto(PowerLine.cutAfter(cut));
                assertThrows(PowerCut.class, () -> growth(disk, new TestingVar(disk)).run(system));
                assertEquals(slots, slots(poweredOn(disk)), "cut " + cut + ", seed " + seed);
            }
        }
    }

    @Test
    void movesTheTableOfADiskWhoseLastPartitionIsAnother() throws Exception {
        FaultyDisk disk = new FaultyDisk(BUILT_BYTES, 512, 1);
        Gpt table = table(512, 0);
        Partition last = table.partitions().getLast();
        List<Partition> partitions = new ArrayList<>(table.partitions());
        partitions.set(5, last.upTo(last.firstLba() + 2047));
        long next = last.firstLba() + 2048;
        partitions.add(
                new Partition(
                        7, PartitionTypes.LINUX_DATA, new UUID(9, 9), "own", next, next + 99, 0));
        table.withPartitions(partitions).create(disk);
        FaultyDisk grown = disk.grown(GROWN_BYTES, 2);
        TestingVar var = new TestingVar(grown);
        growth(grown, var).run(booted(grown));
        assertTrue(Gpt.read(grown).backupAtEnd());
        assertEquals(partitions, Gpt.read(grown).gpt().partitions());
        assertEquals(List.of(), var.calls);
    }

    @Test
    void leavesADiskAloneThatTheSystemDoesNotRunFrom() throws Exception {
        FaultyDisk disk = built(512, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        BootedSystem other = system(List.of(new PartitionExtent("sda", 7 * MIB, MIB / 2)));
        long written = disk.writtenBytes();
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> growth(disk, new TestingVar(disk)).run(other));
        assertEquals(FailureCode.SLOT_UNKNOWN, e.failure().code());
        assertEquals(written, disk.writtenBytes());
    }

    @Test
    void growsNoFileSystemInAPartitionThatTheKernelDoesNotKnow() throws Exception {
        FaultyDisk disk = built(512, Partition.NO_AUTO).grown(GROWN_BYTES, 1);
        TestingVar var = new TestingVar(disk);
        var.resizes = false;
        assertThrows(IOException.class, () -> growth(disk, var).run(booted(disk)));
        assertTrue(var(disk).growsFileSystem());
        var.resizes = true;
        var.calls.clear();
        growth(disk, var).run(booted(disk));
        assertEquals(List.of("resize 30", "fill"), var.calls);
    }

    private static FaultyDisk poweredOn(FaultyDisk disk) {
        disk.powerOn(PowerLine.steady());
        return disk;
    }

    private static void assertWholeAndGrown(FaultyDisk disk, TestingVar var) throws Exception {
        GptOnDisk found = Gpt.read(disk);
        assertTrue(found.copiesAgree() && found.backupAtEnd(), found.toString());
        Partition ready = var(disk);
        assertEquals(0, ready.attributes());
        assertEquals(30 * MIB, ready.sizeBytes(disk.sectorSizeBytes()));
        assertTrue(var.isFilled(ready));
        ByteBuffer mbr = ByteBuffer.allocate(512).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        disk.read(mbr, 0);
        assertEquals(GROWN_BYTES / disk.sectorSizeBytes() - 1, mbr.getInt(446 + 12));
    }

    private static DiskGrowth growth(FaultyDisk disk, TestingVar var) {
        return new DiskGrowth(
                new DiskAccess() {
                    @Override
                    public FaultyDisk openForReading() {
                        return disk;
                    }

                    @Override
                    public FaultyDisk openForWriting(List<Partition> partitions) {
                        return disk;
                    }
                },
                var);
    }

    private static Partition var(FaultyDisk disk) throws Exception {
        return DiskLayout.find(Gpt.read(disk).gpt()).varPartition().orElseThrow();
    }

    private static List<Partition> slots(FaultyDisk disk) throws Exception {
        return Gpt.read(disk).gpt().partitions().subList(0, 5);
    }

    private static FaultyDisk built(int sectorSize, long varAttributes) throws IOException {
        FaultyDisk disk = new FaultyDisk(BUILT_BYTES, sectorSize, 1);
        table(sectorSize, varAttributes).create(disk);
        return disk;
    }

    /** ESP, two slots, and var from 10 MiB to the last whole mebibyte. */
    private static Gpt table(int sectorSize, long varAttributes) {
        SlotTypes types = SlotTypes.of(Architecture.X86_64, Usage.ROOT);
        List<UUID> kinds =
                List.of(
                        PartitionTypes.ESP,
                        types.data(),
                        types.hash(),
                        types.data(),
                        types.hash(),
                        PartitionTypes.LINUX_DATA);
        List<Long> starts = List.of(1L, 2L, 4L, 5L, 7L, 10L, 15L);
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            boolean isVar = i == 5;
            partitions.add(
                    new Partition(
                            i + 1,
                            kinds.get(i),
                            new UUID(1, i),
                            isVar ? "var" : "p" + i,
                            starts.get(i) * MIB / sectorSize,
                            starts.get(i + 1) * MIB / sectorSize - 1,
                            isVar ? varAttributes : 0));
        }
        return Gpt.empty(new UUID(2, 2), sectorSize, BUILT_BYTES / sectorSize)
                .withPartitions(partitions);
    }

    private static BootedSystem booted(FaultyDisk disk) throws Exception {
        List<PartitionExtent> extents = new ArrayList<>();
        for (Partition partition : slots(disk).subList(1, 3)) {
            extents.add(
                    new PartitionExtent(
                            "vda",
                            partition.offsetBytes(disk.sectorSizeBytes()),
                            partition.sizeBytes(disk.sectorSizeBytes())));
        }
        return system(extents);
    }

    private static BootedSystem system(List<PartitionExtent> extents) {
        return new BootedSystem(
                "b",
                extents,
                OptionalLong.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /** Remembers what was asked; a file system is its size, written at the start. */
    private static final class TestingVar implements VarDevice {
        private final FaultyDisk disk;
        private final List<String> calls = new ArrayList<>();
        private boolean resizes = true;
        private boolean mounted = true;

        TestingVar(FaultyDisk disk) {
            this.disk = disk;
        }

        @Override
        public void resize(Partition var) throws IOException {
            calls.add("resize " + var.sizeBytes(disk.sectorSizeBytes()) / MIB);
            if (!resizes) {
                throw new IOException("the kernel does not know");
            }
        }

        @Override
        public boolean fill(Partition var) throws IOException {
            calls.add("fill");
            if (mounted) {
                ByteBuffer size = ByteBuffer.allocate(Long.BYTES).putLong(0, var.sectors());
                disk.write(size, var.offsetBytes(disk.sectorSizeBytes()));
                disk.flush();
            }
            return mounted;
        }

        boolean isFilled(Partition var) throws IOException {
            ByteBuffer size = ByteBuffer.allocate(Long.BYTES);
            disk.read(size, var.offsetBytes(disk.sectorSizeBytes()));
            return size.getLong(0) == var.sectors();
        }
    }
}
