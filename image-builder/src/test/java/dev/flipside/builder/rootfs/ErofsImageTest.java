package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErofsImageTest {
    @TempDir Path folder;

    private byte[] write(Path source, String name) throws Exception {
        RootFileSystem root = RootFileSystem.open(source);
        ErofsLayout layout = ErofsLayout.plan(root.tree(), new UUID(1, 2), root.newestChange());
        Path image = folder.resolve(name);
        try (FileChannel out =
                FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ErofsImage.write(root, layout, out);
        }
        assertEquals(layout.sizeBytes(), Files.size(image));
        return Files.readAllBytes(image);
    }

    private static final class Bytes implements RandomAccess {
        private final byte[] all;

        Bytes(byte[] all) {
            this.all = all;
        }

        @Override
        public long sizeBytes() {
            return all.length;
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) {
            destination.put(all, (int) offsetBytes, destination.remaining());
        }
    }

    @Test
    void contentsOfEverySizeComeOutAsTheyWentIn() throws Exception {
        int[] sizes = {0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, 3_000_000};
        Map<String, byte[]> contents = new TreeMap<>();
        TestingTar tar = new TestingTar();
        for (int size : sizes) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            contents.put("f" + size, bytes);
            tar.entry(new TestingTar.Header("f" + size, '0').size(size), bytes);
        }
        byte[] image = write(tar.in(folder), "a.img");
        ErofsReader reader = ErofsReader.open(new Bytes(image));
        for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
            ErofsInode file = reader.find(entry.getKey()).orElseThrow();
            assertArrayEquals(entry.getValue(), reader.readAll(file, 3_000_000), entry.getKey());
        }
    }

    @Test
    void theOrderOfTheArchiveDoesNotMatter() throws Exception {
        Path first = new TestingTar().file("a", "1").directory("d").file("d/b", "2").in(folder);
        byte[] one = write(first, "a.img");
        Path second =
                new TestingTar().directory("./d").file("./d/b", "2").file("a", "1").in(folder);
        assertArrayEquals(one, write(second, "b.img"));
    }

    @Test
    void zerosAreHolesAlsoAtTheEnd() throws Exception {
        TestingTar tar = new TestingTar();
        Map<String, String> contents = new TreeMap<>();
        contents.put("a", "\0".repeat(3 << 20) + "x");
        contents.put("b", "y" + "\0".repeat(3 << 20));
        contents.put("c", "\0".repeat(2_500_001));
        contents.forEach(tar::file);
        byte[] image = write(tar.in(folder), "a.img");
        ErofsReader reader = ErofsReader.open(new Bytes(image));
        for (Map.Entry<String, String> entry : contents.entrySet()) {
            ErofsInode file = reader.find(entry.getKey()).orElseThrow();
            assertArrayEquals(TestingTar.bytes(entry.getValue()), reader.readAll(file, 4 << 20));
        }
    }

    @Test
    void whatFollowsAFileInItsLastBlockIsZero() throws Exception {
        byte[] image =
                write(
                        new TestingTar()
                                .file("a", "x".repeat(2 << 20))
                                .file("b", "short")
                                .in(folder),
                        "a.img");
        for (int i = image.length - 4096 + 5; i < image.length; i++) {
            assertEquals(0, image[i]);
        }
    }

    @Test
    void refusesAFileThatIsShorterThanItWas() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Path file = Files.writeString(tree.resolve("f"), "four");
        RootFileSystem root = RootFileSystem.open(tree);
        ErofsLayout layout = ErofsLayout.plan(root.tree(), new UUID(1, 2), root.newestChange());
        Files.writeString(file, "");
        try (FileChannel out =
                FileChannel.open(
                        folder.resolve("a.img"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            FlipsideException refused =
                    assertThrows(
                            FlipsideException.class, () -> ErofsImage.write(root, layout, out));
            assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
        }
    }
}
