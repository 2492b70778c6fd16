package dev.flipside.builder.provenance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.builder.rootfs.DigestedRootFileSystem;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.rootfs.TestingTar;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreeDigestTest {
    @TempDir private Path folder;

    private static String sha256(String text) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** What sha256sum prints of sha256sum's lines. */
    private static String expected(Map<String, String> files) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
            lines.append(sha256(file.getValue())).append("  ").append(file.getKey()).append('\n');
        }
        return sha256(lines.toString());
    }

    private static String digest(Path rootfs, boolean read) throws Exception {
        DigestedRootFileSystem root = DigestedRootFileSystem.of(RootFileSystem.open(rootfs));
        root.forEachContent(
                (file, bytes) -> {
                    if (read) {
                        bytes.readAllBytes();
                    }
                });
        return root.digest().hex();
    }

    private static TestingTar tar() {
        return new TestingTar()
                .directory("a")
                .file("a/b", "one")
                .file("a.b", "two")
                .file("a-b", "three")
                .file("empty", "")
                .symlink("link", "a.b")
                .hardLink("twin", "a/b");
    }

    private static final Map<String, String> FILES =
            Map.of("a/b", "one", "a.b", "two", "a-b", "three", "empty", "", "twin", "one");

    @Test
    void isWhatSha256sumPrints() throws Exception {
        assertEquals(expected(FILES), digest(tar().in(folder), true));
    }

    @Test
    void isTheSameForADirectoryAndForContentsThatNobodyTook() throws Exception {
        Path directory = folder.resolve("root");
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        assertEquals(expected(FILES), digest(directory, true));
        assertEquals(expected(FILES), digest(tar().in(folder), false));
    }

    @Test
    void isAnotherForAnotherNameOrContent() throws Exception {
        assertNotEquals(
                expected(FILES), digest(tar().file("more", "").in(folder), true), "a new name");
        assertNotEquals(
                expected(FILES), digest(tar().file("a.b", "2").in(folder), true), "a new content");
    }

    @Test
    void escapesNamesAsSha256sumDoes() throws Exception {
        String name = "line\nand\\back\rreturn";
        String line = "\\" + sha256("x") + "  line\\nand\\\\back\\rreturn\n";
        assertEquals(sha256(line), digest(new TestingTar().file(name, "x").in(folder), true));
    }

    @Test
    void isNotThereBeforeTheContentsWereRead() throws Exception {
        DigestedRootFileSystem root =
                DigestedRootFileSystem.of(RootFileSystem.open(tar().in(folder)));
        assertThrows(IllegalStateException.class, root.digest()::hex);
    }
}
