package dev.flipside.erofs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.format.ByteString;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ErofsRoundTripTest {
    @Test
    void readsBackEveryInodeAsItWasGiven() throws Exception {
        FileTree tree = TestingImage.everything();
        ErofsReader reader = ErofsReader.open(TestingImage.of(tree));
        Map<String, ErofsInode> found = new LinkedHashMap<>();
        reader.walk((path, inode) -> found.put(path.toString(), inode));
        // Two names of one file, and 500 of another.
        assertEquals(tree.inodes().size() + 1 + 499, found.size());
        for (Map.Entry<String, ErofsInode> entry : found.entrySet()) {
            ByteString path = ByteString.utf8(entry.getKey());
            Inode expected = tree.find(path).orElseThrow();
            assertSame(tree, expected, reader, entry.getValue(), entry.getKey());
        }
    }

    private static void assertSame(
            FileTree tree, Inode expected, ErofsReader reader, ErofsInode found, String path)
            throws Exception {
        InodeAttributes attributes = expected.attributes();
        assertEquals(ErofsFormat.typeOf(expected.kind()), found.type(), path);
        assertEquals(attributes.permissions(), found.permissions(), path);
        assertEquals(attributes.uid(), found.uid(), path);
        assertEquals(attributes.gid(), found.gid(), path);
        assertEquals(attributes.changed(), found.changed(), path);
        assertEquals(tree.linkCount(expected), found.linkCount(), path);
        assertEquals(attributes.xattrs(), reader.xattrs(found), path);
        switch (expected.kind()) {
            case InodeKind.RegularFile file -> assertEquals(file.sizeBytes(), found.sizeBytes());
            case InodeKind.Symlink link ->
                    assertEquals(link.target(), reader.symlinkTarget(found), path);
            case InodeKind.Directory directory ->
                    assertEquals(directory.entries().size(), reader.list(found).size(), path);
            case InodeKind.CharacterDevice device ->
                    assertEquals(device.major() + ":" + device.minor(), device(found));
            case InodeKind.BlockDevice device ->
                    assertEquals(device.major() + ":" + device.minor(), device(found));
            case InodeKind.Fifo _, InodeKind.Socket _ -> assertEquals(0, found.sizeBytes());
        }
    }

    private static String device(ErofsInode inode) {
        return inode.rdevMajor() + ":" + inode.rdevMinor();
    }

    @Test
    void namesOfOneFileLeadToOneInode() throws Exception {
        ErofsReader reader = ErofsReader.open(TestingImage.of(TestingImage.everything()));
        ErofsInode file = reader.find("/file").orElseThrow();
        assertEquals(file, reader.find("hard-link").orElseThrow());
        assertEquals(2, file.linkCount());
    }

    @Test
    void followsSymbolicLinksWithinTheImageAndOnlySoFar() throws Exception {
        Inode target = TestingImage.file(0);
        FileTree tree =
                new FileTree(
                        TestingImage.directory(
                                Map.of(
                                        "lib", link("usr/lib"),
                                        "usr",
                                                TestingImage.directory(
                                                        Map.of(
                                                                "lib",
                                                                        TestingImage.directory(
                                                                                Map.of(
                                                                                        "a",
                                                                                        target)),
                                                                "up", link("../../../lib/./a"),
                                                                "root", link("/lib/a"))),
                                        "loop", link("loop"),
                                        "dangling", link("nowhere"))));
        ErofsReader reader = ErofsReader.open(TestingImage.of(tree));
        ErofsInode expected = reader.find("/usr/lib/a").orElseThrow();
        assertEquals(expected, reader.find("/lib/a").orElseThrow());
        assertEquals(expected, reader.find("usr/up").orElseThrow());
        assertEquals(expected, reader.find("usr/root").orElseThrow());
        assertTrue(reader.find("/loop").isEmpty());
        assertTrue(reader.find("/dangling").isEmpty());
        assertTrue(reader.find("/usr/lib/a/b").isEmpty());
        assertEquals(reader.root(), reader.find("/").orElseThrow());
    }

    private static Inode link(String target) {
        return TestingImage.of(new InodeKind.Symlink(TestingImage.bytes(target)));
    }

    @Test
    void holdsADirectoryOfAHundredThousandEntries() throws Exception {
        SortedMap<ByteString, Inode> entries = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            entries.put(TestingImage.bytes("file-" + i), TestingImage.file(0));
        }
        FileTree tree = new FileTree(TestingImage.of(new InodeKind.Directory(entries)));
        ErofsReader reader = ErofsReader.open(TestingImage.of(tree));
        Set<Long> nids = new HashSet<>();
        Map<ByteString, Inode> left = new HashMap<>(entries);
        for (ErofsReader.Entry entry : reader.list(reader.root())) {
            nids.add(entry.nid());
            left.remove(entry.name());
        }
        assertEquals(100_000, nids.size());
        assertEquals(Map.of(), left);
    }

    @Test
    void keepsFilesBeyondFourGibibytesApart() throws Exception {
        Inode huge = TestingImage.file((1L << 32) + 1);
        Inode edge = TestingImage.file(1L << 31);
        Inode last = TestingImage.file(5);
        FileTree tree =
                new FileTree(TestingImage.directory(Map.of("a", huge, "b", edge, "c", last)));
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        Extent first = layout.extentOf(huge);
        assertEquals(
                first.offsetBytes() + (1L << 32) + 4096 + layout.spareBytesBefore(edge),
                layout.extentOf(edge).offsetBytes());
        assertEquals(
                layout.extentOf(edge).offsetBytes() + (1L << 31) + layout.spareBytesBefore(last),
                layout.extentOf(last).offsetBytes());
        assertEquals(layout.extentOf(last).offsetBytes() + 4096, layout.sizeBytes());
        ErofsReader reader = ErofsReader.open(TestingImage.metadataOf(layout));
        ErofsInode found = reader.find("a").orElseThrow();
        assertEquals((1L << 32) + 1, found.sizeBytes());
        assertEquals(first.offsetBytes(), found.storage().startOffsetBytes());
    }

    @Test
    void readsContentsFromWhereTheLayoutPutsThem() throws Exception {
        Inode small = TestingImage.file(5000);
        FileTree tree = new FileTree(TestingImage.directory(Map.of("a", small)));
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        byte[] image = new byte[(int) layout.sizeBytes()];
        byte[] metadata = TestingImage.metadataOf(layout).bytes();
        System.arraycopy(metadata, 0, image, 0, metadata.length);
        byte[] contents = TestingImage.randomBytes(7, 5000).toByteArray();
        System.arraycopy(contents, 0, image, (int) layout.extentOf(small).offsetBytes(), 5000);
        ErofsReader reader = ErofsReader.open(new TestingImage(image, image.length));
        assertArrayEquals(contents, reader.readAll(reader.find("a").orElseThrow(), 5000));
    }

    @Test
    void sameTreeGivesSameBytesAndTheUuidIsInThem() throws Exception {
        byte[] first = TestingImage.of(TestingImage.everything()).bytes();
        assertArrayEquals(first, TestingImage.of(TestingImage.everything()).bytes());
        ErofsSuperblock superblock =
                ErofsReader.open(new TestingImage(first, 1L << 30)).superblock();
        assertEquals(UUID.fromString("01234567-89ab-cdef-fedc-ba9876543210"), superblock.uuid());
        assertEquals(1_700_000_000, superblock.buildTimeSeconds());
        assertEquals(TestingImage.everything().inodes().size(), superblock.inodes());
    }

    @Test
    void aChangedTimeLeavesContentsWhereTheyAre() throws Exception {
        Inode file = TestingImage.file(5000);
        Inode later =
                new Inode(InodeAttributes.ofRoot(0644, Instant.ofEpochSecond(1)), file.kind());
        long before = extentOf(file).offsetBytes();
        assertEquals(before, extentOf(later).offsetBytes());
        assertEquals(0, before % 4096);
    }

    private static Extent extentOf(Inode file) throws Exception {
        FileTree tree = new FileTree(TestingImage.directory(Map.of("a", file)));
        return ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME).extentOf(file);
    }
}
