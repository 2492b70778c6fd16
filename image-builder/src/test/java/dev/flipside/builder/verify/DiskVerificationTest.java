package dev.flipside.builder.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.fat.FatEntry;
import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.builder.disk.DiskBuild;
import dev.flipside.builder.disk.DiskFormat;
import dev.flipside.builder.disk.DiskRequest;
import dev.flipside.builder.disk.DiskSizes;
import dev.flipside.builder.disk.TestingRelease;
import dev.flipside.builder.inspect.DiskFacts;
import dev.flipside.builder.inspect.DiskImage;
import dev.flipside.failure.FailureCode;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskVerificationTest {
    private static final long MIB = 1 << 20;
    private static final long SIZE = 160 * MIB;

    @TempDir static Path shared;
    private static Path release;

    @TempDir Path folder;
    private Path disk;
    private DiskLayout layout;

    @BeforeAll
    static void build() throws Exception {
        release = TestingRelease.build(shared, "1", Usage.ROOT);
    }

    @BeforeEach
    void makeDisk() throws Exception {
        disk = folder.resolve("disk.raw");
        layout =
                DiskBuild.run(
                                new DiskRequest(
                                        release,
                                        disk,
                                        DiskFormat.RAW,
                                        DiskSizes.of(SIZE, 16 * MIB, 40 * MIB),
                                        512,
                                        Optional.empty(),
                                        DiskRequest.SecureBoot.none()),
                                TestingRelease.QUIET)
                        .layout();
    }

    private Map<String, FailureCode> failures() throws Exception {
        List<Check> checks = new ArrayList<>();
        try (DiskImage image = DiskImage.open(disk)) {
            DiskVerification.run(
                    image, TrustedCertificates.none(), TestingRelease.QUIET, checks::add);
        }
        assertFalse(checks.isEmpty());
        return TestingDamage.failures(checks);
    }

    private void flip(Partition partition, long offset) throws Exception {
        TestingDamage.flip(disk, partition.offsetBytes(512) + offset);
    }

    @Test
    void findsNothingWrongWithADiskThatWasJustMade() throws Exception {
        assertEquals(Map.of(), failures());
    }

    @Test
    void findsADamagedCopyOfTheTable() throws Exception {
        TestingDamage.flip(disk, 512 + 40);
        assertEquals(FailureCode.GPT_MALFORMED, failures().get("partition tables"));
        TestingDamage.flip(disk, 512 + 40);
        TestingDamage.flip(disk, SIZE - 512 + 40);
        assertEquals(FailureCode.GPT_MALFORMED, failures().get("partition tables"));
    }

    @Test
    void findsADamagedEsp() throws Exception {
        flip(layout.esp(), 11);
        Map<String, FailureCode> failures = failures();
        assertEquals(FailureCode.ESP_MALFORMED, failures.get("ESP"));
        assertEquals(FailureCode.ESP_MALFORMED, failures.get("boot entries"));
        assertEquals(2, failures.size(), "the slots are checked all the same");
    }

    @Test
    void findsAUkiThatIsNotWhatItIsNamedBy() throws Exception {
        byte[] name = "content of .sbat".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] esp = new byte[(int) layout.esp().sizeBytes(512)];
        try (DiskImage image = DiskImage.open(disk)) {
            image.partition(layout.esp()).read(java.nio.ByteBuffer.wrap(esp), 0);
        }
        String text = new String(esp, java.nio.charset.StandardCharsets.ISO_8859_1);
        int at = text.indexOf(new String(name, java.nio.charset.StandardCharsets.ISO_8859_1));
        assertTrue(at > 0);
        flip(layout.esp(), at);
        assertEquals(Map.of("ESP", FailureCode.DIGEST_MISMATCH), failures());
    }

    @Test
    void findsAFlippedByteOfASlot() throws Exception {
        flip(layout.slotA().data(), 2 * MIB);
        assertEquals(Map.of("slot A, hash tree", FailureCode.BLOCK_MISMATCH), failures());
    }

    @Test
    void findsAFlippedByteOfAHashPartition() throws Exception {
        flip(layout.slotA().hash(), 4096 * 2);
        assertEquals(FailureCode.BLOCK_MISMATCH, failures().get("slot A, hash tree"));
        flip(layout.slotA().hash(), 4096 * 2);
        flip(layout.slotA().hash(), 0);
        assertEquals(Map.of("slot A, hash tree", FailureCode.VERITY_MALFORMED), failures());
    }

    @Test
    void readsAFixedVhdAsTheDiskWithinIt() throws Exception {
        byte[] footer = new byte[512];
        byte[] cookie = "conectix".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        System.arraycopy(cookie, 0, footer, 0, cookie.length);
        footer[63] = 2;
        Files.write(disk, footer, StandardOpenOption.APPEND);
        try (DiskImage image = DiskImage.open(disk)) {
            assertEquals(DiskImage.Format.VHD, image.format());
            assertEquals(SIZE, image.device().sizeBytes());
            assertTrue(DiskFacts.read(image).table().backupAtEnd());
        }
        assertEquals(Map.of(), failures());
    }

    @Test
    void tellsWhichEntryStartsWhichSlot() throws Exception {
        try (DiskImage image = DiskImage.open(disk)) {
            DiskFacts facts = DiskFacts.read(image);
            assertEquals(Optional.of("flipside-0000000001.conf"), facts.next());
            assertEquals(List.of(DiskLayout.SlotName.A), facts.images().getFirst().slots());
            assertTrue(facts.slots().getFirst().treeMatches());
            assertTrue(facts.slots().getLast().rootHash().isEmpty());
            FatReader esp = FatReader.open(image.partition(layout.esp()));
            FatEntry uki = esp.find(facts.images().getFirst().path()).orElseThrow();
            assertEquals(uki.sizeBytes(), facts.images().getFirst().uki().sizeBytes());
        }
    }
}
