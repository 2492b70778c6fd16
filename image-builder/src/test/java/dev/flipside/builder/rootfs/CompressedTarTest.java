package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressedTarTest {
    private static final byte[] TAR = tar();

    @TempDir Path folder;

    enum Packing {
        GZIP,
        XZ,
        ZSTD;

        byte[] pack(byte[] bytes) throws IOException {
            return switch (this) {
                case GZIP -> TestingContainerImage.gzip(bytes);
                case XZ -> TestingContainerImage.xz(bytes, 1 << 20);
                case ZSTD -> checkedZstd(bytes);
            };
        }
    }

    private static byte[] tar() {
        byte[] random = new byte[20_000];
        new Random(1).nextBytes(random);
        return new TestingTar()
                .directory("d")
                .entry(new TestingTar.Header("d/f", '0').size(random.length), random)
                .file("g", "contents")
                .finished();
    }

    /** With a checksum, so that damage shows. */
    private static byte[] checkedZstd(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(out)) {
            zstd.setChecksum(true);
            zstd.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("root.tar.any"), bytes);
    }

    private void assertWhole(byte[] packed) throws Exception {
        RootFileSystem root = RootFileSystem.open(file(packed));
        int[] bytes = new int[1];
        root.forEachContent((_, in) -> bytes[0] += in.readAllBytes().length);
        assertEquals(20_008, bytes[0]);
        assertTrue(root.tree().find(ByteString.utf8("d/f")).isPresent());
    }

    private FlipsideException assertRefused(FailureCode code, byte[] packed) throws Exception {
        Path file = file(packed);
        FlipsideException refused =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(file));
        assertEquals(code, refused.failure().code(), refused.getMessage());
        assertFalse(refused.failure().line().contains("\n"));
        return refused;
    }

    @ParameterizedTest
    @EnumSource
    void readsOneStreamAndManyOneAfterTheOther(Packing packing) throws Exception {
        assertWhole(packing.pack(TAR));
        byte[] first = Arrays.copyOf(TAR, 5000);
        byte[] second = Arrays.copyOfRange(TAR, 5000, 5001);
        byte[] third = Arrays.copyOfRange(TAR, 5001, TAR.length);
        assertWhole(
                join(
                        packing.pack(first),
                        packing.pack(second),
                        packing.pack(new byte[0]),
                        packing.pack(third)));
    }

    @ParameterizedTest
    @EnumSource
    void refusesEveryTruncation(Packing packing) throws Exception {
        byte[] packed = packing.pack(TAR);
        for (int length = 0; length < packed.length; length += 1 + length / 40) {
            assertRefused(FailureCode.TAR_MALFORMED, Arrays.copyOf(packed, length));
        }
        assertRefused(FailureCode.TAR_MALFORMED, Arrays.copyOf(packed, packed.length - 1));
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsDamagedOrFollowedByOtherBytes(Packing packing) throws Exception {
        byte[] packed = packing.pack(TAR);
        byte[] damaged = packed.clone();
        damaged[packed.length / 2] ^= 1;
        assertRefused(FailureCode.TAR_MALFORMED, damaged);
        FlipsideException refused =
                assertRefused(FailureCode.TAR_MALFORMED, join(packed, TestingTar.bytes("garbage")));
        assertTrue(
                refused.failure()
                        .expected()
                        .toUpperCase(java.util.Locale.ROOT)
                        .contains(packing.name()),
                refused.getMessage());
    }

    @Test
    void zerosMayFollowAsOnATape() throws Exception {
        assertWhole(join(Packing.GZIP.pack(TAR), new byte[1024]));
        assertWhole(join(Packing.XZ.pack(TAR), new byte[1024]));
    }

    @Test
    void refusesWrongChecksumsAndLengthsOfGzip() throws Exception {
        byte[] packed = Packing.GZIP.pack(TAR);
        for (int fromEnd : new int[] {8, 5, 4, 1}) {
            byte[] wrong = packed.clone();
            wrong[wrong.length - fromEnd] ^= 1;
            assertRefused(FailureCode.TAR_MALFORMED, wrong);
        }
    }

    @Test
    void readsGzipHeadersWithEveryOptionalField() throws Exception {
        byte[] packed = Packing.GZIP.pack(TAR);
        byte[] header = Arrays.copyOf(packed, 10);
        header[3] = 4 | 8 | 16 | 2;
        byte[] options = TestingTar.bytes("\3\0abcname\0comment\0\1\2");
        assertWhole(join(header, options, Arrays.copyOfRange(packed, 10, packed.length)));
        header[3] = (byte) 0x20;
        assertRefused(
                FailureCode.TAR_MALFORMED,
                join(header, Arrays.copyOfRange(packed, 10, packed.length)));
    }

    @Test
    void readsZstdThatBeginsWithASkippableFrame() throws Exception {
        byte[] skippable = TestingTar.bytes("P*M\u0018\4\0\0\0skip");
        assertWhole(join(skippable, Zstd.compress(TAR)));
    }

    @Test
    void refusesADictionaryThatTheHeapCannotHold() throws Exception {
        assertWhole(TestingContainerImage.xz(TAR, Compression.MAX_XZ_DICTIONARY_BYTES));
        FlipsideException refused =
                assertRefused(
                        FailureCode.ROOTFS_UNSUPPORTED, TestingContainerImage.xz(TAR, 96 << 20));
        assertTrue(refused.getMessage().contains("64 MiB"), refused.getMessage());
    }

    @Test
    void refusesAWindowBeyondThatOfZstd() throws Exception {
        assertWhole(zstdFrame(27, TAR));
        FlipsideException refused =
                assertRefused(FailureCode.ROOTFS_UNSUPPORTED, zstdFrame(28, TAR));
        assertTrue(refused.getMessage().contains("128 MiB"), refused.getMessage());
    }

    /** One raw block (RFC 8878, 3.1.1): magic, descriptor, window, block header. */
    private static byte[] zstdFrame(int windowLog, byte[] bytes) {
        int block = bytes.length << 3 | 1;
        byte[] header = {
            0x28,
            (byte) 0xb5,
            0x2f,
            (byte) 0xfd,
            0,
            (byte) ((windowLog - 10) << 3),
            (byte) block,
            (byte) (block >> 8),
            (byte) (block >> 16)
        };
        return join(header, bytes);
    }

    @Test
    void saysHowElseAnArchiveIsCompressed() throws Exception {
        FlipsideException refused =
                assertRefused(
                        FailureCode.ROOTFS_UNSUPPORTED, TestingTar.bytes("BZh91AY&SY and so on"));
        assertTrue(refused.failure().found().contains("bzip2"), refused.getMessage());
    }

    @Test
    void noticesThatTheArchiveChangesBetweenThePasses() throws Exception {
        for (Packing packing : Packing.values()) {
            byte[] packed = packing.pack(TAR);
            Path file = file(packed);
            RootFileSystem root = RootFileSystem.open(file);
            Files.write(file, Arrays.copyOf(packed, packed.length / 2));
            FlipsideException refused =
                    assertThrows(
                            FlipsideException.class,
                            () -> root.forEachContent((_, in) -> in.readAllBytes()));
            assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
        }
    }
}
