package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms are those of GNU tar's manual; integration tests hold them against GNU tar itself. */
class SparseTarTest {
    private static final String WHOLE = "\0\0\0ab\0\0\0\0\0c\0";

    @TempDir Path folder;

    private static TestingTar.Header oldGnu(String name, String... numbers) {
        TestingTar.Header header = new TestingTar.Header(name, 'S').raw(257, "ustar  \0");
        for (int i = 0; i < numbers.length; i++) {
            header.raw(386 + 12 * i, "%011o".formatted(Long.parseLong(numbers[i])));
        }
        return header;
    }

    private static TestingTar.Header realSize(TestingTar.Header header, long bytes) {
        return header.raw(483, "%011o".formatted(bytes));
    }

    /** The map stands before the data, filled up to a record. */
    private static String pax1(String map, String data) {
        return map + "\0".repeat(-map.length() & 511) + data;
    }

    private static TestingTar sparse(String format) {
        TestingTar tar = new TestingTar();
        return switch (format) {
            case "old" ->
                    tar.entry(
                            realSize(oldGnu("f", "3", "2", "10", "1", "12", "0"), 12).size(3),
                            TestingTar.bytes("abc"));
            case "0.0" ->
                    tar.pax(
                                    "GNU.sparse.size", "12",
                                    "GNU.sparse.numblocks", "2",
                                    "GNU.sparse.offset", "3",
                                    "GNU.sparse.numbytes", "2",
                                    "GNU.sparse.offset", "10",
                                    "GNU.sparse.numbytes", "1")
                            .file("f", "abc");
            case "0.1" ->
                    tar.pax(
                                    "GNU.sparse.size", "12",
                                    "GNU.sparse.numblocks", "2",
                                    "GNU.sparse.name", "f",
                                    "GNU.sparse.map", "3,2,10,1")
                            .file("GNUSparseFile.1/f", "abc");
            case "1.0" ->
                    tar.pax(
                                    "GNU.sparse.major", "1",
                                    "GNU.sparse.minor", "0",
                                    "GNU.sparse.name", "f",
                                    "GNU.sparse.realsize", "12")
                            .file("GNUSparseFile.1/f", pax1("2\n3\n2\n10\n1\n", "abc"));
            default -> throw new IllegalArgumentException(format);
        };
    }

    private Map<String, String> contents(TestingTar tar) throws Exception {
        RootFileSystem root = RootFileSystem.open(tar.in(folder));
        Map<String, String> contents = new HashMap<>();
        root.forEachContent(
                (file, bytes) ->
                        contents.put(
                                root.tree().pathOf(file).toString(),
                                new String(bytes.readAllBytes(), StandardCharsets.ISO_8859_1)));
        return contents;
    }

    private void assertMalformed(TestingTar tar) throws Exception {
        Path file = tar.in(folder);
        FlipsideException refused =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(file));
        assertEquals(FailureCode.TAR_MALFORMED, refused.failure().code(), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"old", "0.0", "0.1", "1.0"})
    void fillsTheHolesWithZeros(String format) throws Exception {
        TestingTar tar = sparse(format).file("after", "x");
        assertEquals(Map.of("/f", WHOLE, "/after", "x"), contents(tar));
    }

    @Test
    void readsAMapThatGoesOnInFurtherRecords() throws Exception {
        StringBuilder map = new StringBuilder();
        StringBuilder whole = new StringBuilder();
        for (int i = 0; i < 4 + 21 + 3; i++) {
            String part = "%011o\0%011o\0".formatted(2 * i + 1, 1);
            map.append(i < 4 ? "" : part);
            if (i == 4 + 21 - 1) {
                map.append("\1").append("\0".repeat(7));
            }
            whole.append('\0').append((char) ('a' + i % 26));
        }
        String records = map + "\0".repeat(-map.length() & 511);
        TestingTar.Header header =
                realSize(oldGnu("f", "1", "1", "3", "1", "5", "1", "7", "1"), 56)
                        .raw(482, "\1")
                        .size(28);
        TestingTar tar =
                new TestingTar()
                        .raw(header.record())
                        .raw(TestingTar.bytes(records))
                        .raw(TestingTar.bytes(whole.toString().replace("\0", "")))
                        .raw(new byte[512 - 28])
                        .file("after", "x");
        assertEquals(Map.of("/f", whole.toString(), "/after", "x"), contents(tar));
    }

    @Test
    void readsAFileThatIsOneHole() throws Exception {
        TestingTar tar =
                new TestingTar()
                        .pax(
                                "GNU.sparse.major", "1",
                                "GNU.sparse.minor", "0",
                                "GNU.sparse.name", "f",
                                "GNU.sparse.realsize", "5")
                        .file("GNUSparseFile.1/f", pax1("1\n5\n0\n", ""))
                        .entry(realSize(oldGnu("g", "3", "0"), 3), new byte[0]);
        assertEquals(Map.of("/f", "\0".repeat(5), "/g", "\0".repeat(3)), contents(tar));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {(1L << 31) - 1, 1L << 31, (1L << 32) - 1, 1L << 32, (1L << 32) + 1, 1L << 40})
    void knowsSizesAroundTheLimitsOfNumbers(long size) throws Exception {
        TestingTar tar =
                new TestingTar()
                        .pax(
                                "GNU.sparse.major", "1",
                                "GNU.sparse.minor", "0",
                                "GNU.sparse.name", "f",
                                "GNU.sparse.realsize", Long.toString(size))
                        .file("x", pax1("1\n%d\n1\n".formatted(size - 1), "z"));
        RootFileSystem root = RootFileSystem.open(tar.in(folder));
        Inode file = root.tree().find(ByteString.utf8("f")).orElseThrow();
        assertEquals(new InodeKind.RegularFile(size), file.kind());
        if (size <= 1L << 31) {
            root.forEachContent(
                    (_, bytes) -> {
                        bytes.skipNBytes(size - 1);
                        assertEquals('z', bytes.read());
                        assertEquals(-1, bytes.read());
                    });
        }
    }

    @Test
    void refusesMapsThatCannotBe() throws Exception {
        for (String map :
                new String[] {
                    "10,1,3,2",
                    "3,2,4,1",
                    "3,9,12,1",
                    "3,2,13,0",
                    "3,2,10",
                    "3,2,10,2",
                    "x,2,10,1",
                    "-3,2,10,1",
                    "3,99999999999999999999,10,1",
                    ",",
                    "0,18446744073709551615"
                }) {
            assertMalformed(
                    new TestingTar()
                            .pax("GNU.sparse.size", "12", "GNU.sparse.map", map)
                            .file("f", "abc"));
        }
        for (String map :
                new String[] {
                    "",
                    "2",
                    "2\n3\n2\n10",
                    "2\n3\n2\n10\n2\n",
                    "x\n",
                    "9\n3\n2\n",
                    "-1\n",
                    "\n",
                    "2000000\n",
                    "1".repeat(600)
                }) {
            assertMalformed(
                    new TestingTar()
                            .pax(
                                    "GNU.sparse.major", "1",
                                    "GNU.sparse.minor", "0",
                                    "GNU.sparse.realsize", "12")
                            .file("f", pax1(map, "abc")));
        }
        assertMalformed(
                new TestingTar()
                        .pax("GNU.sparse.major", "1", "GNU.sparse.minor", "0")
                        .file("f", pax1("0\n", "")));
        assertMalformed(
                new TestingTar().entry(realSize(oldGnu("f", "0", "4"), 12).size(3), new byte[3]));
        assertMalformed(
                new TestingTar().entry(realSize(oldGnu("f"), 12).raw(482, "\1"), new byte[512]));
    }

    @Test
    void refusesSparseFilesOfAnUnknownForm() throws Exception {
        for (TestingTar tar :
                new TestingTar[] {
                    new TestingTar().entry(new TestingTar.Header("f", 'S'), new byte[0]),
                    new TestingTar()
                            .pax("GNU.sparse.major", "2", "GNU.sparse.minor", "0")
                            .file("f", "")
                }) {
            Path file = tar.in(folder);
            FlipsideException refused =
                    assertThrows(FlipsideException.class, () -> RootFileSystem.open(file));
            assertEquals(FailureCode.ROOTFS_UNSUPPORTED, refused.failure().code());
        }
    }
}
