package dev.flipside.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for every durable folder, the real one and the fake. */
public abstract class DurableFolderContract {
    private DurableFolder folder;

    public abstract DurableFolder emptyFolder() throws IOException;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = emptyFolder();
    }

    @Test
    void readsBackWhatItWasGiven() throws IOException {
        put("a.json", "one");
        assertEquals("one", text("a.json"));
        assertEquals(Optional.of(3L), folder.sizeBytes("a.json"));
        put("a.json", "three");
        assertEquals("three", text("a.json"));
        put("empty", "");
        assertEquals("", text("empty"));
    }

    @Test
    void tellsThatAFileIsMissing() throws IOException {
        assertEquals(Optional.empty(), folder.read("a", 10));
        assertEquals(Optional.empty(), folder.sizeBytes("a"));
        assertEquals(Optional.empty(), folder.read("no/such/folder", 10));
        assertThrows(NoSuchFileException.class, () -> folder.open("a"));
        assertThrows(NoSuchFileException.class, () -> folder.rename("a", "b"));
        folder.remove("a");
    }

    @Test
    void makesTheFoldersOnTheWay() throws IOException {
        put("x/y/z.conf", "1");
        put("x/a.conf", "2");
        assertEquals("1", text("x/y/z.conf"));
        assertEquals(List.of("x"), folder.list(""));
        assertEquals(List.of("a.conf", "y"), folder.list("x"));
        assertEquals(List.of("z.conf"), folder.list("x/y"));
    }

    @Test
    void listsNothingWhereThereIsNoFolder() throws IOException {
        assertEquals(List.of(), folder.list(""));
        assertEquals(List.of(), folder.list("no/such"));
    }

    @Test
    public void listsInTheOrderOfTheNames() throws IOException {
        for (String name : List.of("b", "a", "c", "B")) {
            put(name, "");
        }
        assertEquals(List.of("B", "a", "b", "c"), folder.list(""));
    }

    @Test
    void refusesToReadMoreThanItMay() throws IOException {
        put("a", "12345");
        assertEquals(
                "12345", new String(folder.read("a", 5).orElseThrow(), StandardCharsets.UTF_8));
        assertThrows(IOException.class, () -> folder.read("a", 4));
    }

    @Test
    void opensAFileForReadingAnywhere() throws IOException {
        put("a", "0123456789");
        try (SeekableByteChannel channel = folder.open("a")) {
            assertEquals(10, channel.size());
            ByteBuffer buffer = ByteBuffer.allocate(4);
            assertEquals(4, channel.position(3).read(buffer));
            assertArrayEquals("3456".getBytes(StandardCharsets.UTF_8), buffer.array());
            assertEquals(3, channel.read(buffer.clear()));
            assertEquals(-1, channel.read(buffer.clear()));
        }
    }

    @Test
    void keepsTheOldFileAndNothingElseWhenTheContentFails() throws IOException {
        put("x/a", "old");
        DurableFolder.Content failing =
                out -> {
                    out.write(ByteBuffer.wrap(new byte[100]));
                    throw new IOException("the source went away");
                };
        assertThrows(IOException.class, () -> folder.replace("x/a", failing));
        assertThrows(IOException.class, () -> folder.replace("x/b", failing));
        assertEquals("old", text("x/a"));
        assertEquals(List.of("a"), folder.list("x"));
    }

    @Test
    void showsNoHalfFileWhileItIsWritten() throws IOException {
        put("a", "old");
        folder.replace(
                "a",
                out -> {
                    out.write(ByteBuffer.wrap(new byte[] {'n', 'e'}));
                    assertEquals("old", text("a"));
                    out.write(ByteBuffer.wrap(new byte[] {'w'}));
                });
        assertEquals("new", text("a"));
        assertEquals(List.of("a"), folder.list(""));
    }

    @Test
    void renamesOverWhatIsThere() throws IOException {
        put("x/a", "1");
        put("x/b", "2");
        folder.rename("x/a", "x/b");
        assertEquals("1", text("x/b"));
        assertEquals(List.of("b"), folder.list("x"));
    }

    @Test
    void renamesOnlyWithinOneFolder() throws IOException {
        put("x/a", "1");
        assertThrows(IllegalArgumentException.class, () -> folder.rename("x/a", "a"));
    }

    @Test
    void removesAFileAndNotAFolder() throws IOException {
        put("x/a", "1");
        assertThrows(IOException.class, () -> folder.remove("x"));
        folder.remove("x/a");
        assertEquals(Optional.empty(), folder.read("x/a", 10));
        assertEquals(List.of(), folder.list("x"));
    }

    @Test
    void appendsToTheEnd() throws IOException {
        folder.append("log/history", "one\n".getBytes(StandardCharsets.UTF_8));
        folder.append("log/history", "two\n".getBytes(StandardCharsets.UTF_8));
        assertEquals("one\ntwo\n", text("log/history"));
    }

    @Test
    void refusesPathsThatLeaveTheFolder() {
        for (String path :
                List.of("../a", "/a", "x/../a", "x//a", "./a", "a/", "", "a\0b", "a\\b", "..")) {
            assertThrows(IllegalArgumentException.class, () -> folder.read(path, 1), path);
            assertThrows(IllegalArgumentException.class, () -> folder.open(path), path);
            assertThrows(IllegalArgumentException.class, () -> put(path, "x"), path);
            assertThrows(IllegalArgumentException.class, () -> folder.remove(path), path);
            assertThrows(IllegalArgumentException.class, () -> folder.sizeBytes(path), path);
            assertThrows(
                    IllegalArgumentException.class, () -> folder.append(path, new byte[1]), path);
            assertThrows(IllegalArgumentException.class, () -> folder.rename("a", path), path);
            assertThrows(IllegalArgumentException.class, () -> folder.rename(path, "a"), path);
        }
        assertThrows(IllegalArgumentException.class, () -> folder.list("../x"));
    }

    @Test
    void sweepsWhatACutHasLeftAndNothingElse() throws IOException {
        for (String name : List.of(".tmp-0", "x/.tmp-17", ".tmp-", ".tmp-mine", "x/a", "tmp-1")) {
            put(name, "1");
        }
        assertEquals(List.of(".tmp-", ".tmp-0", ".tmp-mine", "tmp-1", "x"), folder.list(""));
        assertEquals(2, folder.sweepTemporaryFiles());
        assertEquals(List.of(".tmp-", ".tmp-mine", "tmp-1", "x"), folder.list(""));
        assertEquals(List.of("a"), folder.list("x"));
        assertEquals(0, folder.sweepTemporaryFiles());
    }

    @Test
    void writesBesideWhatACutHasLeft() throws IOException {
        put(".tmp-0", "left");
        put("a", "1");
        assertEquals("1", text("a"));
        assertEquals("left", text(".tmp-0"));
    }

    @Test
    void tellsHowMuchRoomIsLeft() throws IOException {
        org.junit.jupiter.api.Assertions.assertTrue(folder.usableBytes() > 0);
    }

    private void put(String path, String text) throws IOException {
        folder.replace(path, DurableFolder.Content.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private String text(String path) throws IOException {
        return new String(folder.read(path, 1000).orElseThrow(), StandardCharsets.UTF_8);
    }
}
