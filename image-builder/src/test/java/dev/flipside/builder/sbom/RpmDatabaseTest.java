package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RpmDatabaseTest {
    private static final String DROP = "DROP TABLE Packages";

    @TempDir private Path folder;

    private static List<String> read(Path database) throws FlipsideException {
        PackageList packages = new PackageList();
        RpmDatabase.read(database, "rpmdb.sqlite", packages);
        return packages.packages().stream().map(InstalledPackage::name).toList();
    }

    private static FailureCode refusal(Path database) {
        return assertThrows(FlipsideException.class, () -> read(database)).failure().code();
    }

    private Path database(String name, String... packages) throws Exception {
        Path file = folder.resolve(name);
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            for (String one : packages) {
                database.with(TestingRpmHeader.of(one, "1", "1").bytes());
            }
        }
        return file;
    }

    @Test
    void readsEveryHeader() throws Exception {
        assertEquals(List.of("a", "b", "c"), read(database("rpmdb.sqlite", "c", "a", "b")));
        assertEquals(List.of(), read(database("none.sqlite")));
    }

    @Test
    void readsWhatOnlyTheWriteAheadLogHas() throws Exception {
        Path file = folder.resolve("live.sqlite");
        Path copy = folder.resolve("copy.sqlite");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            database.with(TestingRpmHeader.of("logged", "1", "1").bytes());
            Files.copy(file, copy);
            Files.copy(folder.resolve("live.sqlite-wal"), folder.resolve("copy.sqlite-wal"));
        }
        assertEquals(List.of("logged"), read(copy));
        Path without = Files.copy(copy, folder.resolve("without.sqlite"));
        assertEquals(List.of("logged"), read(without), "the log was brought in");
    }

    @Test
    void readsAFileOfAnyName() throws Exception {
        Path file = database("plain.sqlite", "a");
        Path strange = Files.createDirectory(folder.resolve("a b?cache=x&c%41#"));
        assertEquals(List.of("a"), read(Files.copy(file, strange.resolve("rpmdb.sqlite"))));
    }

    @Test
    void refusesWhatIsNoRpmDatabase() throws Exception {
        FailureCode malformed = FailureCode.PACKAGE_DATABASE_MALFORMED;
        assertEquals(
                malformed, refusal(Files.writeString(folder.resolve("t"), "text".repeat(999))));
        assertEquals(malformed, refusal(Files.createFile(folder.resolve("empty"))));
        Path whole = database("whole.sqlite", "a", "b");
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = folder.resolve("cut");
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 4096));
        assertEquals(malformed, refusal(cut));
        Path other = folder.resolve("other");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(other)) {
            database.run(DROP).run("CREATE TABLE Other (a)");
        }
        assertEquals(malformed, refusal(other));
    }

    @Test
    void refusesAViewThatNeverEnds() throws Exception {
        Path file = folder.resolve("view");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            database.run(DROP)
                    .run(
                            "CREATE VIEW Packages (hnum, blob) AS WITH RECURSIVE n(i) AS"
                                    + " (VALUES (1) UNION ALL SELECT i FROM n) SELECT i, i FROM n");
        }
        assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, refusal(file));
    }

    @Test
    void refusesAHeaderThatIsTooLargeToHold() throws Exception {
        Path file = folder.resolve("large");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            database.run("INSERT INTO Packages VALUES (1, zeroblob(40000000))");
        }
        assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, refusal(file));
    }

    @Test
    void anyBytesArePackagesOrRefused() throws Exception {
        Path whole = database("whole.sqlite", "a", "b", "c", "d");
        byte[] bytes = Files.readAllBytes(whole);
        Path file = folder.resolve("fuzzed.sqlite");
        for (long seed = 0; seed < 150; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged = bytes.clone();
            for (int i = random.nextInt(1, 20); i > 0; i--) {
                // The header, the schema and the root of the table are where damage is understood.
                int at =
                        random.nextInt(4) == 0 ? random.nextInt(200) : random.nextInt(bytes.length);
                damaged[at] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            try {
                read(file);
            } catch (FlipsideException e) {
                assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, e.failure().code());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            for (String rest : List.of("-wal", "-shm", "-journal")) {
                Files.deleteIfExists(folder.resolve("fuzzed.sqlite" + rest));
            }
        }
    }
}
