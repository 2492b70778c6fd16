package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTarTest {
    private static final int SEEDS_FACTOR = Integer.getInteger("flipside.seeds.factor", 1);

    @TempDir Path folder;

    private FlipsideException assertRefused(FailureCode code, TestingTar tar) throws Exception {
        return assertRefused(code, tar.finished());
    }

    private FlipsideException assertRefused(FailureCode code, byte[] tar) throws Exception {
        Path file = Files.write(folder.resolve("root.tar"), tar);
        FlipsideException refused =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(file));
        assertEquals(code, refused.failure().code(), refused.getMessage());
        assertFalse(refused.failure().line().contains("\n"));
        return refused;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/", "//x", "../x", "a/../../x", "a/..", "..", "./../x"})
    void refusesAbsolutePathsAndPathsUpwards(String path) throws Exception {
        assertRefused(FailureCode.TAR_PATH_UNSAFE, new TestingTar().file(path, "x"));
        assertRefused(FailureCode.TAR_PATH_UNSAFE, new TestingTar().directory(path));
        assertRefused(FailureCode.TAR_PATH_UNSAFE, new TestingTar().symlink(path, "x"));
        assertRefused(
                FailureCode.TAR_PATH_UNSAFE, new TestingTar().pax("path", path).file("ok", ""));
        assertRefused(
                FailureCode.TAR_PATH_UNSAFE, new TestingTar().file("f", "x").hardLink("ok", path));
    }

    @Test
    void namesTheEntryThatIsUnsafe() throws Exception {
        FlipsideException refused =
                assertRefused(
                        FailureCode.TAR_PATH_UNSAFE, new TestingTar().file("../etc/passwd", ""));
        assertTrue(refused.getMessage().contains("'../etc/passwd'"), refused.getMessage());
    }

    @Test
    void refusesAPathThroughASymbolicLink() throws Exception {
        assertRefused(
                FailureCode.TAR_PATH_UNSAFE,
                new TestingTar().directory("usr").symlink("bin", "usr").file("bin/sh", "x"));
    }

    @Test
    void refusesAFileWhereADirectoryIsNeeded() throws Exception {
        assertRefused(FailureCode.TAR_MALFORMED, new TestingTar().file("a", "x").file("a/b", "x"));
        assertRefused(FailureCode.TAR_MALFORMED, new TestingTar().file("a/b", "x").file("a", "x"));
        assertRefused(FailureCode.TAR_MALFORMED, new TestingTar().file("./", "x"));
    }

    @Test
    void refusesAHardLinkToWhatIsNotThere() throws Exception {
        assertRefused(FailureCode.TAR_MALFORMED, new TestingTar().hardLink("a", "b"));
        assertRefused(
                FailureCode.TAR_MALFORMED, new TestingTar().hardLink("a", "b").file("b", "late"));
        assertRefused(
                FailureCode.TAR_MALFORMED, new TestingTar().directory("d").hardLink("a", "d"));
        assertRefused(
                FailureCode.TAR_MALFORMED, new TestingTar().file("f", "x").hardLink("a", "f/g"));
    }

    @Test
    void refusesEveryTruncation() throws Exception {
        byte[] whole =
                new TestingTar()
                        .directory("d")
                        .pax("path", "d/long", "SCHILY.xattr.user.x", "y")
                        .file("x", "contents".repeat(100))
                        .finished();
        for (int length = 0; length < whole.length; length += length % 512 < 3 ? 1 : 127) {
            assertRefused(FailureCode.TAR_MALFORMED, Arrays.copyOf(whole, length));
        }
    }

    @Test
    void refusesAnArchiveWithoutItsEndOrWithMoreAfterIt() throws Exception {
        TestingTar tar = new TestingTar().file("f", "x");
        assertRefused(FailureCode.TAR_MALFORMED, tar.unfinished());
        assertRefused(FailureCode.TAR_MALFORMED, Arrays.copyOf(tar.unfinished(), 1024 + 512));
        byte[] twice = new TestingTar().raw(tar.finished()).raw(tar.finished()).unfinished();
        assertRefused(FailureCode.TAR_MALFORMED, twice);
    }

    @Test
    void refusesUnknownTypes() throws Exception {
        for (char type : new char[] {'D', 'M', 'V', 'Z'}) {
            assertRefused(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    new TestingTar().entry(new TestingTar.Header("f", type), new byte[0]));
        }
    }

    @Test
    void refusesAttributesThatItCannotTakeAsTheyAre() throws Exception {
        assertRefused(
                FailureCode.ROOTFS_UNSUPPORTED,
                new TestingTar()
                        .pax("SCHILY.acl.access", "user::rwx\nuser:bob:r--\n")
                        .file("f", ""));
        for (String acl :
                new String[] {
                    "user::rwx",
                    "user::rwx,group::r-x,other::r-x,user:5:r--",
                    "user::rwx,user::r--,group::r-x,other::r-x",
                    "user::rwx,user:5:r--,user:5:rw-,group::r-x,mask::rwx,other::r-x",
                    "user::rwz,group::r-x,other::r-x",
                    "user::rwx,group::r-x,other:5:r-x",
                    "user::rwx,user:4294967295:r--,group::r-x,mask::rwx,other::r-x",
                    "nonsense"
                }) {
            assertRefused(
                    FailureCode.TAR_MALFORMED,
                    new TestingTar().pax("SCHILY.acl.access", acl).file("f", ""));
        }
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar().pax("LIBARCHIVE.xattr.user.x", "*").file("f", ""));
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar().pax("LIBARCHIVE.xattr.user.%4", "eA").file("f", ""));
    }

    @Test
    void refusesBadNumbersSumsAndRecords() throws Exception {
        byte[] sum = new TestingTar().file("f", "x").finished();
        sum[0] ^= 1;
        assertRefused(FailureCode.TAR_MALFORMED, sum);
        for (String size : new String[] {"xyz", "0000008", "\u00ff".repeat(12)}) {
            assertRefused(
                    FailureCode.TAR_MALFORMED,
                    new TestingTar()
                            .entry(new TestingTar.Header("f", '0').raw(124, size), new byte[0]));
        }
        for (String records :
                new String[] {
                    "9 a=b\n", "x a=b\n", "7 a=b\n", "0 a=b\n", "5 ab\n", "99999999999"
                }) {
            assertRefused(
                    FailureCode.TAR_MALFORMED,
                    new TestingTar().rawExtension('x', records).file("f", ""));
        }
        for (String key : new String[] {"uid", "size", "mtime"}) {
            assertRefused(
                    FailureCode.TAR_MALFORMED, new TestingTar().pax(key, "1e9").file("f", ""));
            assertRefused(
                    FailureCode.TAR_MALFORMED,
                    new TestingTar().pax(key, "9".repeat(19)).file("f", ""));
        }
    }

    @Test
    void refusesHeadersWithoutBound() throws Exception {
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar().pax("comment", "x".repeat(2 << 20)).file("f", ""));
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar()
                        .entry(new TestingTar.Header("f", 'L').size(1L << 33), new byte[0]));
        TestingTar many = new TestingTar();
        for (int i = 0; i < 100; i++) {
            many.pax("comment", "x");
        }
        assertRefused(FailureCode.TAR_MALFORMED, many.file("f", ""));
        assertRefused(FailureCode.TAR_MALFORMED, new TestingTar().pax("path", "x"));
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar().pax("path", "d/".repeat(2100) + "f").file("f", ""));
        assertRefused(
                FailureCode.TAR_MALFORMED,
                new TestingTar().pax("path", "n".repeat(256)).file("f", ""));
    }

    @Test
    void noticesAnArchiveThatChangesBetweenTheTwoPasses() throws Exception {
        Path tar = new TestingTar().file("f", "four").in(folder);
        RootFileSystem root = RootFileSystem.open(tar);
        byte[][] others = {
            new TestingTar().file("f", "five!").finished(),
            new TestingTar().directory("f").finished(),
            new TestingTar().finished(),
            Arrays.copyOf(new TestingTar().file("f", "four").unfinished(), 514)
        };
        for (byte[] other : others) {
            Files.write(tar, other);
            FlipsideException refused =
                    assertThrows(
                            FlipsideException.class,
                            () -> root.forEachContent((_, bytes) -> bytes.readAllBytes()));
            assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void flippedBytesAreReadOrRefusedAndNothingElse(long seed) throws Exception {
        byte[] whole =
                new TestingTar()
                        .directory("d")
                        .globalPax("comment", "x")
                        .pax("path", "d/long", "SCHILY.xattr.user.x", "y", "mtime", "-1.25")
                        .file("x", "contents")
                        .rawExtension('L', "n".repeat(120))
                        .symlink("x", "d/long")
                        .hardLink("h", "d/long")
                        .entry(new TestingTar.Header("c", '3').device(1, 3), new byte[0])
                        .finished();
        Random random = new Random(seed);
        for (int round = 0; round < 300 * SEEDS_FACTOR; round++) {
            byte[] bytes = whole.clone();
            int at = random.nextInt(bytes.length - 1024);
            bytes[at] = (byte) random.nextInt(256);
            mendChecksum(bytes, at / 512 * 512);
            Path file = Files.write(folder.resolve("root.tar"), bytes);
            try {
                RootFileSystem.open(file).forEachContent((_, in) -> in.readAllBytes());
            } catch (FlipsideException e) {
                assertFalse(e.failure().line().isEmpty());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    private static void mendChecksum(byte[] tar, int record) {
        if (tar[record + 257] != 'u') {
            return;
        }
        Arrays.fill(tar, record + 148, record + 156, (byte) ' ');
        int sum = 0;
        for (int i = record; i < record + 512; i++) {
            sum += Byte.toUnsignedInt(tar[i]);
        }
        byte[] digits = TestingTar.bytes("%06o\0 ".formatted(sum));
        System.arraycopy(digits, 0, tar, record + 148, digits.length);
    }
}
