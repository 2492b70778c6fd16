package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.github.luben.zstd.Zstd;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever the bytes are, an input is read or refused in a line: no other exception, not even of
 * I/O, as the disk is well. Longer with {@code ./test --fuzz}.
 */
class InputFuzzTest {
    private static final int ROUNDS = 150 * Integer.getInteger("flipside.seeds.factor", 1);
    private static final long SEED = Long.getLong("flipside.fuzz.seed", 2026);
    private static final int MAX_CHANGES = 4;

    @TempDir Path folder;

    /** What is changed at random. */
    enum Form {
        TAR,
        GZIP,
        XZ,
        ZSTD,
        OCI_TAR,
        DOCKER_ARCHIVE,
        /** Changed below the compression, so that what is packed is met, too. */
        PACKED_TAR;

        byte[] make() throws IOException {
            return switch (this) {
                case TAR, PACKED_TAR -> everyEntry();
                case GZIP -> TestingContainerImage.gzip(everyEntry());
                case XZ -> TestingContainerImage.xz(everyEntry(), 1 << 16);
                case ZSTD -> Zstd.compress(everyEntry());
                case OCI_TAR ->
                        new TestingContainerImage()
                                .gzipLayer(everyEntry())
                                .zstdLayer(new TestingTar().file("d/.wh.long", "").finished())
                                .image("app:1")
                                .finished()
                                .tar()
                                .finished();
                case DOCKER_ARCHIVE ->
                        new TestingContainerImage()
                                .dockerImage("app:1", everyEntry(), new TestingTar().finished())
                                .tar()
                                .finished();
            };
        }

        byte[] pack(byte[] bytes, Random random) throws IOException {
            if (this != PACKED_TAR) {
                return bytes;
            }
            return switch (random.nextInt(3)) {
                case 0 -> TestingContainerImage.gzip(bytes);
                case 1 -> TestingContainerImage.xz(bytes, 1 << 16);
                default -> Zstd.compress(bytes);
            };
        }
    }

    private static byte[] everyEntry() {
        String sparse = "2\n3\n2\n10\n1\n";
        return new TestingTar()
                .directory("d")
                .globalPax("comment", "x")
                .pax("path", "d/long", "SCHILY.xattr.user.x", "y", "mtime", "-1.25")
                .file("x", "contents".repeat(100))
                .pax("LIBARCHIVE.xattr.user.z", "eA", "SCHILY.acl.access", "user::rwx,group::r--")
                .pax("uid", "70000", "size", "4", "RHT.security.selinux", "system_u")
                .file("y", "four")
                .rawExtension('L', "n".repeat(120))
                .symlink("x", "d/long")
                .hardLink("h", "d/long")
                .entry(new TestingTar.Header("c", '3').device(1, 3), new byte[0])
                .entry(new TestingTar.Header("fifo", '6'), new byte[0])
                .pax(
                        "GNU.sparse.major", "1",
                        "GNU.sparse.minor", "0",
                        "GNU.sparse.name", "s",
                        "GNU.sparse.realsize", "12")
                .file("GNUSparseFile.1/s", sparse + "\0".repeat(-sparse.length() & 511) + "abc")
                .finished();
    }

    @ParameterizedTest
    @EnumSource
    void isReadOrRefusedAndNothingElse(Form form) throws Exception {
        Random random = new Random(SEED + form.name().hashCode());
        byte[] whole = form.make();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] changed = form.pack(changed(whole, random), random);
            Path file = Files.write(folder.resolve("input"), changed);
            try {
                RootFileSystem.open(file).forEachContent((_, in) -> in.readNBytes(1 << 20));
            } catch (FlipsideException e) {
                String line = e.failure().line();
                assertFalse(line.isEmpty() || line.contains("\n"), line);
            } catch (Exception | Error e) {
                throw new AssertionError(
                        form + ", -Dflipside.fuzz.seed=" + SEED + ", round " + round, e);
            }
        }
    }

    private static byte[] changed(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        for (int i = 1 + random.nextInt(MAX_CHANGES); i > 0; i--) {
            bytes = change(bytes, random);
        }
        if (random.nextBoolean()) {
            mendChecksums(bytes);
        }
        return bytes;
    }

    private static byte[] change(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[random.nextInt(600)];
        }
        int at = random.nextInt(bytes.length);
        int end = Math.min(bytes.length, at + random.nextInt(1024));
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, at);
            case 1 -> join(bytes, 0, end, bytes, at);
            case 2 -> join(bytes, 0, at, bytes, end);
            case 3 -> {
                Arrays.fill(bytes, at, end, (byte) random.nextInt(256));
                yield bytes;
            }
            default -> {
                bytes[at] = (byte) random.nextInt(256);
                yield bytes;
            }
        };
    }

    private static byte[] join(byte[] first, int from, int to, byte[] second, int start) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(first, from, to - from);
        out.write(second, start, second.length - start);
        return out.toByteArray();
    }

    /** Else the checksum is all that is ever met. */
    private static void mendChecksums(byte[] tar) {
        for (int record = 0; record + 512 <= tar.length; record += 512) {
            if (tar[record + 257] == 'u' && tar[record + 258] == 's') {
                Arrays.fill(tar, record + 148, record + 156, (byte) ' ');
                int sum = 0;
                for (int i = record; i < record + 512; i++) {
                    sum += Byte.toUnsignedInt(tar[i]);
                }
                byte[] digits = TestingTar.bytes("%06o\0 ".formatted(sum));
                System.arraycopy(digits, 0, tar, record + 148, digits.length);
            }
        }
    }
}
