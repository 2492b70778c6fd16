package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.rootfs.ErofsImage;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.erofs.Extent;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux and erofs-utils judge our EROFS images, and our reader reads theirs; needs root. */
class ErofsOracleTest {
    private static final UUID ID = UUID.fromString("5eed0000-1111-4222-8333-444455556666");

    private static final long SEED = 1;

    @TempDir Path folder;

    /** Without the warnings of JUnit, one for each symbolic link that leads out of the folder. */
    @AfterEach
    void removeTrees() {
        Tools.find("rm").check("-rf", folder.resolve("tree"), folder.resolve("extracted"));
    }

    private Path image(Path source, String name) throws Exception {
        RootFileSystem root = RootFileSystem.open(source);
        ErofsLayout layout = ErofsLayout.plan(root.tree(), ID, root.newestChange());
        Path image = folder.resolve(name);
        try (FileChannel out =
                FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ErofsImage.write(root, layout, out);
        }
        return image;
    }

    private Path tarOf(Path tree) {
        Path tar = folder.resolve("root.tar");
        Tools.find("tar")
                .check(
                        "--format=pax",
                        "--xattrs",
                        "--xattrs-include=*",
                        "--numeric-owner",
                        "-C",
                        tree,
                        "-cf",
                        tar,
                        ".");
        return tar;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void linuxSeesEveryPathOfAnImageAsItWasInTheTar(long seed) throws Exception {
        Path tree = GeneratedTree.in(folder, seed);
        Path image = image(tarOf(tree), "a.img");
        SortedMap<String, String> expected = TreeFacts.ofDirectory(tree);
        assertTrue(expected.get("/usr/bin/ping").contains("=" + GeneratedTree.CAPABILITY));
        assertTrue(expected.get("/etc/shadow").contains("1960-02-03T04:05:06.123456789Z"));
        Tools.find("fsck.erofs").check(image);
        try (LoopMount mount = new LoopMount(image, folder)) {
            assertSame(seed, expected, TreeFacts.ofDirectory(mount.point()));
        }
        assertSame(seed, expected, factsOfImage(image));
    }

    @Test
    void tarAndDirectoryOfOneTreeGiveTheSameImage() throws Exception {
        Path tree = GeneratedTree.in(folder, SEED);
        Path fromTar = image(tarOf(tree), "a.img");
        Path fromDirectory = image(tree, "b.img");
        assertSame(
                TreeFacts.ofRootFileSystem(RootFileSystem.open(folder.resolve("root.tar"))),
                TreeFacts.ofRootFileSystem(RootFileSystem.open(tree)));
        assertEquals(-1, Files.mismatch(fromTar, fromDirectory));
    }

    @Test
    void socketsAndHardLinksOfDevicesOfADirectoryAreInTheImage() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));
        }
        // Hard links of what GNU tar makes two of.
        Tools.find("sh")
                .check(
                        "-euc",
                        "cd \"$0\"; ln socket socket2; mkfifo f; ln f f2; mknod c c 1 3; ln c c2",
                        tree);
        Path image = image(tree, "a.img");
        Tools.find("fsck.erofs").check(image);
        try (LoopMount mount = new LoopMount(image, folder)) {
            assertSame(TreeFacts.ofDirectory(tree), TreeFacts.ofDirectory(mount.point()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void erofsUtilsExtractsTheTreeThatWentIn(long seed) throws Exception {
        Path tree = GeneratedTree.in(folder, seed);
        Path image = image(tarOf(tree), "a.img");
        Path extracted = folder.resolve("extracted");
        Tools.find("fsck.erofs").check("--extract=" + extracted, "--preserve", "--xattrs", image);
        assertSame(
                seed,
                TreeFacts.withoutWhatFsckLoses(TreeFacts.ofDirectory(tree)),
                TreeFacts.withoutWhatFsckLoses(TreeFacts.ofDirectory(extracted)));
    }

    @Test
    void ourReaderReadsWhatMkfsWrites() throws Exception {
        Path tree = GeneratedTree.in(folder, SEED);
        Path image = folder.resolve("mkfs.img");
        Tools.find("mkfs.erofs").check("--quiet", image, tree);
        assertSame(TreeFacts.ofDirectory(tree), factsOfImage(image));
    }

    @Test
    void ourReaderReadsCompactInodesAndSharedAttributesOfMkfs() throws Exception {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        for (int i = 0; i < 50; i++) {
            Path file = Files.writeString(tree.resolve("labelled" + i), "x" + i);
            GeneratedTree.setXattr(file, "security.selinux", "6c6962");
        }
        Tools.find("sh").check("-euc", "find \"$0\" -exec touch -h -d @1000000000 {} +", tree);
        Path image = folder.resolve("mkfs.img");
        Tools.find("mkfs.erofs")
                .check("--quiet", "-x1", "-T1000000000", "-Eforce-inode-compact", image, tree);
        assertSame(TreeFacts.ofDirectory(tree), factsOfImage(image));
    }

    @Test
    void linuxReadsAcrossTwoAndFourGibibytes() throws Exception {
        Inode huge = file((1L << 32) + 5000);
        Inode last = file(3);
        FileTree tree = new FileTree(directory(Map.of("huge", huge, "last", last)));
        ErofsLayout layout = ErofsLayout.plan(tree, ID, Instant.EPOCH);
        Path image = folder.resolve("huge.img");
        long[] offsets = {0, (1L << 31) - 2, (1L << 32) - 2, (1L << 32) + 4997};
        try (FileChannel out =
                FileChannel.open(
                        image,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.SPARSE,
                        StandardOpenOption.WRITE)) {
            layout.writeMetadata(out);
            for (long offset : offsets) {
                write(out, "abc", layout.extentOf(huge).offsetBytes() + offset);
            }
            Extent extent = layout.extentOf(last);
            write(out, "end" + "\0".repeat(4093), extent.offsetBytes());
        }
        assertEquals(layout.sizeBytes(), Files.size(image));
        try (LoopMount mount = new LoopMount(image, folder);
                FileChannel in = FileChannel.open(mount.point().resolve("huge"))) {
            assertEquals((1L << 32) + 5000, in.size());
            for (long offset : offsets) {
                ByteBuffer read = ByteBuffer.allocate(3);
                assertEquals(3, in.read(read, offset));
                assertEquals(ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}), read.flip());
            }
            assertEquals("end", Files.readString(mount.point().resolve("last")));
        }
    }

    private static void write(FileChannel out, String text, long offset) throws IOException {
        out.write(
                ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII)), offset);
    }

    @Test
    void linuxFindsEachOfAHundredThousandNames() throws Exception {
        SortedMap<ByteString, Inode> entries = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            entries.put(ByteString.utf8(Integer.toString(i, 36)), file(0));
        }
        FileTree tree = new FileTree(inode(new InodeKind.Directory(entries)));
        ErofsLayout layout = ErofsLayout.plan(tree, ID, Instant.EPOCH);
        Path image = folder.resolve("many.img");
        try (FileChannel out =
                FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            layout.writeMetadata(out);
        }
        Tools.find("fsck.erofs").check(image);
        try (LoopMount mount = new LoopMount(image, folder);
                Stream<Path> names = Files.list(mount.point())) {
            assertEquals(100_000, names.count());
            for (int i = 0; i < 100_000; i++) {
                assertTrue(Files.exists(mount.point().resolve(Integer.toString(i, 36))), "" + i);
            }
        }
    }

    @Test
    void aDebianRootComesOutAsItsTarHasIt() throws Exception {
        Path tar = debianTar();
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Tools.find("tar")
                .check(
                        "--xattrs",
                        "--xattrs-include=*",
                        "--numeric-owner",
                        "-C",
                        tree,
                        "-xpf",
                        tar);
        Path image = image(tar, "a.img");
        Tools.find("fsck.erofs").check(image);
        SortedMap<String, String> expected = TreeFacts.ofDirectory(tree);
        try (LoopMount mount = new LoopMount(image, folder)) {
            assertSame(expected, TreeFacts.ofDirectory(mount.point()));
        }
        assertSame(expected, factsOfImage(image));
        assertEquals(-1, Files.mismatch(image, image(tree, "b.img")));
    }

    static Path debianTar() {
        String output = Tools.find("sh").check("root-tars");
        Path folder = Path.of(output.lines().toList().getLast());
        return folder.resolve("base.tar");
    }

    private static Inode file(long sizeBytes) {
        return inode(new InodeKind.RegularFile(sizeBytes));
    }

    private static Inode directory(Map<String, Inode> entries) {
        SortedMap<ByteString, Inode> sorted = new TreeMap<>();
        entries.forEach((name, inode) -> sorted.put(ByteString.utf8(name), inode));
        return inode(new InodeKind.Directory(sorted));
    }

    private static Inode inode(InodeKind kind) {
        return new Inode(InodeAttributes.ofRoot(0755, Instant.ofEpochSecond(1)), kind);
    }

    private static SortedMap<String, String> factsOfImage(Path image) throws Exception {
        try (ImageFile file = new ImageFile(image)) {
            return TreeFacts.ofImage(ErofsReader.open(file));
        }
    }

    private static void assertSame(
            SortedMap<String, String> expected, SortedMap<String, String> found) {
        assertSame(SEED, expected, found);
    }

    /** Prints the paths that differ, and not the thousands that do not. */
    private static void assertSame(
            long seed, SortedMap<String, String> expected, SortedMap<String, String> found) {
        SortedMap<String, String> missing = new TreeMap<>(expected);
        missing.entrySet().removeAll(found.entrySet());
        SortedMap<String, String> more = new TreeMap<>(found);
        more.entrySet().removeAll(expected.entrySet());
        assertEquals(text(missing), text(more), "seed " + seed);
    }

    private static String text(SortedMap<String, String> facts) {
        return facts.entrySet().stream()
                .limit(20)
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static final class ImageFile implements RandomAccess, AutoCloseable {
        private final FileChannel channel;
        private final long sizeBytes;

        ImageFile(Path path) throws IOException {
            this.channel = FileChannel.open(path);
            this.sizeBytes = channel.size();
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }

        @Override
        public void read(ByteBuffer destination, long offsetBytes) throws IOException {
            long offset = offsetBytes;
            while (destination.hasRemaining()) {
                int count = channel.read(destination, offset);
                if (count < 0) {
                    throw new EOFException("image of " + sizeBytes + " bytes ends");
                }
                offset += count;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
