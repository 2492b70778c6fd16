package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryRootFileSystemTest {
    @TempDir Path folder;

    private static Inode find(RootFileSystem root, String path) {
        return root.tree().find(ByteString.utf8(path)).orElseThrow();
    }

    @Test
    void readsModesTimesLinksAndAttributes() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "hello");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        Files.createLink(folder.resolve("g"), file);
        Files.createSymbolicLink(folder.resolve("s"), Path.of("nowhere"));
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                .write("x", ByteBuffer.wrap(new byte[] {0, -1, 10}));
        Instant time = Instant.ofEpochSecond(7, 123_456_789);
        Files.setLastModifiedTime(file, FileTime.from(time));
        Instant before1970 = Instant.ofEpochSecond(-7);
        Path old = Files.createFile(folder.resolve("old"));
        Files.setLastModifiedTime(old, FileTime.from(before1970));
        Instant later = Instant.ofEpochSecond(4_000_000_000L);
        Files.setLastModifiedTime(folder, FileTime.from(later));

        RootFileSystem root = RootFileSystem.open(folder);
        Inode inode = find(root, "f");
        assertSame(inode, find(root, "g"));
        assertEquals(0751, inode.attributes().permissions());
        assertEquals(time, inode.attributes().changed());
        assertEquals(before1970, find(root, "old").attributes().changed());
        assertEquals(
                Map.of(ByteString.utf8("user.x"), ByteString.of(new byte[] {0, -1, 10})),
                inode.attributes().xattrs());
        assertEquals(new InodeKind.RegularFile(5), inode.kind());
        assertEquals(new InodeKind.Symlink(ByteString.utf8("nowhere")), find(root, "s").kind());
        assertEquals(later, root.newestChange());
    }

    @Test
    void keepsNamesBeyondAscii() throws Exception {
        Files.writeString(folder.resolve("gr\u00f6\u00dfe %41"), "x");
        RootFileSystem root = RootFileSystem.open(folder);
        assertEquals(new InodeKind.RegularFile(1), find(root, "gr\u00f6\u00dfe %41").kind());
    }

    @Test
    void noticesAFileThatChangesBetweenTheTwoPasses() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "four");
        RootFileSystem root = RootFileSystem.open(folder);
        Files.writeString(file, "five!");
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> root.forEachContent((_, bytes) -> bytes.readAllBytes()));
        assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
    }

    @Test
    void noticesAFileThatIsGoneInTheSecondPass() throws Exception {
        Path file = Files.writeString(folder.resolve("f"), "four");
        RootFileSystem root = RootFileSystem.open(folder);
        Files.delete(file);
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> root.forEachContent((_, bytes) -> bytes.readAllBytes()));
        assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
        assertTrue(refused.failure().line().contains("'f'"), refused.failure().line());
    }

    @Test
    void handsOutAFileWithSeveralNamesOnce() throws Exception {
        Files.createDirectory(folder.resolve("d"));
        Path file = Files.writeString(folder.resolve("d/f"), "four");
        Files.createLink(folder.resolve("g"), file);
        Files.writeString(folder.resolve("h"), "other");
        RootFileSystem root = RootFileSystem.open(folder);
        List<String> contents = new ArrayList<>();
        root.forEachContent(
                (_, bytes) ->
                        contents.add(new String(bytes.readAllBytes(), StandardCharsets.UTF_8)));
        assertEquals(List.of("four", "other"), contents);
    }

    @Test
    void saysWhatIsMissing() {
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> RootFileSystem.open(folder.resolve("nothing.tar")));
        assertEquals(FailureCode.INPUT_MISSING, refused.failure().code());
    }
}
