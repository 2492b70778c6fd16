package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class FileSourceTest {
    @TempDir Path folder;

    private final byte[] file = new byte[700_000];
    private Source source;

    @BeforeEach
    void makeARepository() throws IOException, FlipsideException {
        new Random(1).nextBytes(file);
        Files.createDirectories(folder.resolve("repo/blobs"));
        Files.write(folder.resolve("repo/blobs/x.pack"), file);
        Files.write(folder.resolve("secret"), new byte[1]);
        Files.createSymbolicLink(folder.resolve("repo/out"), folder.resolve("secret"));
        Files.createSymbolicLink(folder.resolve("repo/in"), Path.of("blobs/x.pack"));
        source =
                SourceUrl.parse(folder.resolve("repo").toUri().toString())
                        .open(SourceLimits.usual());
    }

    private static FailureCode codeOf(Executable action) {
        return assertThrows(FlipsideException.class, action).failure().code();
    }

    private byte[] range(String path, long offset, long length) throws FlipsideException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.fetchRange(
                path,
                offset,
                length,
                piece -> {
                    byte[] bytes = new byte[piece.remaining()];
                    piece.get(bytes);
                    out.writeBytes(bytes);
                });
        return out.toByteArray();
    }

    @Test
    void readsFilesWholeAndInPart() throws Exception {
        assertArrayEquals(file, source.fetch("blobs/x.pack", file.length).orElseThrow());
        assertArrayEquals(file, range("in", 0, file.length));
        assertArrayEquals(Arrays.copyOfRange(file, 3, 600_003), range("blobs/x.pack", 3, 600_000));
        assertEquals(2L * file.length + 600_000, source.fetchedBytes());
    }

    @Test
    void saysWhatIsMissingOrTooLargeOrTooShort() throws Exception {
        assertEquals(Optional.empty(), source.fetch("none", 1));
        assertEquals(Optional.empty(), source.fetch("blobs", 1));
        assertEquals(FailureCode.SOURCE_FILE_MISSING, codeOf(() -> range("none", 0, 1)));
        assertEquals(
                FailureCode.SOURCE_TOO_LARGE, codeOf(() -> source.fetch("blobs/x.pack", 699_999)));
        assertEquals(FailureCode.SOURCE_TOO_SHORT, codeOf(() -> range("blobs/x.pack", 1, 700_000)));
    }

    @Test
    void readsNothingOutsideOfTheRepository() throws Exception {
        assertEquals(Optional.empty(), source.fetch("out", 10));
        assertEquals(FailureCode.SOURCE_FILE_MISSING, codeOf(() -> range("out", 0, 1)));
        for (String path : List.of("../secret", "blobs/../../secret", "/etc/passwd", "")) {
            assertEquals(FailureCode.METADATA_MALFORMED, codeOf(() -> source.fetch(path, 10)));
            assertEquals(FailureCode.METADATA_MALFORMED, codeOf(() -> range(path, 0, 1)));
        }
    }

    @Test
    void refusesARepositoryThatIsNotThere() {
        assertEquals(
                FailureCode.SOURCE_UNREACHABLE,
                codeOf(() -> FileSource.open(folder.resolve("none"))));
    }

    @Test
    void takesOnlyAddressesOfRepositories() throws Exception {
        for (String url :
                List.of(
                        "",
                        "repo",
                        "/repo",
                        "ftp://host/",
                        "http:///x",
                        "http://u:p@host/",
                        "http://host/?q",
                        "http://host/#f",
                        "file://host/x",
                        "mailto:x",
                        "http://ho st/")) {
            assertEquals(FailureCode.CONFIG_INVALID, codeOf(() -> SourceUrl.parse(url)), url);
        }
        assertEquals("https://h/r/", SourceUrl.parse("https://h/r").uri().toString());
    }
}
