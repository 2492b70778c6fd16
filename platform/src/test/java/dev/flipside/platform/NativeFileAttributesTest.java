package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFileAttributesTest {
    @TempDir Path folder;

    @Test
    void readsAttributesWithTheirFullNamesAndBytes() throws Exception {
        Path file = Files.createFile(folder.resolve("gr\u00f6\u00dfe"));
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        view.write("empty", ByteBuffer.allocate(0));
        view.write("binary", ByteBuffer.wrap(new byte[] {0, -1, 0}));
        try (NativeFileAttributes attributes = new NativeFileAttributes()) {
            byte[] path = NativeFileAttributes.bytesOf(file);
            List<String> names =
                    attributes.xattrNames(path).stream()
                            .map(name -> new String(name, StandardCharsets.UTF_8))
                            .filter(name -> name.startsWith("user."))
                            .sorted()
                            .toList();
            assertEquals(List.of("user.binary", "user.empty"), names);
            assertArrayEquals(new byte[] {0, -1, 0}, attributes.xattr(path, bytes("user.binary")));
            assertArrayEquals(new byte[0], attributes.xattr(path, bytes("user.empty")));
            assertThrows(IOException.class, () -> attributes.xattr(path, bytes("user.gone")));
        }
    }

    @Test
    void readsTheTargetOfALinkAndNotWhatItPointsTo() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("l"), Path.of("gr\u00f6\u00dfe"));
        try (NativeFileAttributes attributes = new NativeFileAttributes()) {
            byte[] path = NativeFileAttributes.bytesOf(link);
            assertArrayEquals(bytes("gr\u00f6\u00dfe"), attributes.symlinkTarget(path));
            assertTrue(attributes.xattrNames(path).isEmpty());
            byte[] missing = NativeFileAttributes.bytesOf(folder.resolve("missing"));
            assertThrows(IOException.class, () -> attributes.symlinkTarget(missing));
            assertThrows(IOException.class, () -> attributes.xattrNames(missing));
            assertThrows(IOException.class, () -> attributes.xattrNames(new byte[5000]));
        }
    }

    @Test
    void pathsAreTheBytesOfTheirNames() {
        assertArrayEquals(
                bytes("/a b/%41+\u00e4"), NativeFileAttributes.bytesOf(Path.of("/a b/%41+\u00e4")));
        assertArrayEquals(bytes("/"), NativeFileAttributes.bytesOf(Path.of("/")));
        assertArrayEquals(
                NativeFileAttributes.bytesOf(folder.toAbsolutePath()),
                bytes(folder.toAbsolutePath().toString()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
