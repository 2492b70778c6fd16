package dev.flipside.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.format.ByteString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SharedXattrsTest {
    private static Inode file(SortedMap<ByteString, ByteString> xattrs) {
        return new Inode(
                new InodeAttributes(0644, 0, 0, TestingImage.BUILD_TIME, xattrs),
                new InodeKind.RegularFile(0));
    }

    private static FileTree tree(int files, SortedMap<ByteString, ByteString> xattrs) {
        Map<String, Inode> entries = new HashMap<>();
        for (int i = 0; i < files; i++) {
            entries.put("f" + i, file(xattrs));
        }
        return new FileTree(TestingImage.directory(entries));
    }

    @Test
    void whatMoreThanTwoInodesHaveIsWrittenOnce() throws Exception {
        SortedMap<ByteString, ByteString> label =
                TestingImage.xattrs(
                        "security.selinux", TestingImage.bytes("system_u:object_r:lib_t:s0\0"));
        assertTrue(SharedXattrs.of(tree(2, label)).isEmpty());
        SharedXattrs shared = SharedXattrs.of(tree(3, label));
        assertEquals(4 + 7 + 27 + 2, shared.sizeBytes());
        assertEquals(List.of(0), shared.split(label).ids());
        assertEquals(Map.of(), shared.split(label).inline());
        assertEquals(12 + 4, XattrBody.sizeBytes(label, shared));
        assertEquals(12 + 40, XattrBody.sizeBytes(label, SharedXattrs.of(tree(2, label))));
    }

    @Test
    void equalNamesWithOtherValuesAreNotShared() {
        FileTree tree =
                new FileTree(
                        TestingImage.directory(
                                Map.of(
                                        "a", file(TestingImage.xattrs("user.x", bytes("1"))),
                                        "b", file(TestingImage.xattrs("user.x", bytes("2"))),
                                        "c", file(TestingImage.xattrs("user.x", bytes("3"))))));
        assertTrue(SharedXattrs.of(tree).isEmpty());
    }

    @Test
    void anInodeSharesAtMost255AndHasTheRestBesideIt() throws Exception {
        SortedMap<ByteString, ByteString> many = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            many.put(bytes("user.%03d".formatted(i)), TestingImage.randomBytes(i, 700));
        }
        FileTree tree = tree(3, many);
        SharedXattrs.Split split = SharedXattrs.of(tree).split(many);
        assertEquals(255, split.ids().size());
        assertEquals(45, split.inline().size());
        ErofsReader reader = ErofsReader.open(TestingImage.of(tree));
        for (String name : List.of("f0", "f1", "f2")) {
            assertEquals(many, reader.xattrs(reader.find(name).orElseThrow()));
        }
    }

    @Test
    void theAreaStandsBetweenMetadataAndContents() throws Exception {
        SortedMap<ByteString, ByteString> large =
                TestingImage.xattrs("user.large", TestingImage.randomBytes(1, 60_000));
        FileTree tree = tree(5, large);
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        assertEquals(layout.metadataSizeBytes(), layout.sharedXattrBlock() * 4096 + 15 * 4096L);
        ErofsReader reader = ErofsReader.open(TestingImage.metadataOf(layout));
        assertEquals(large, reader.xattrs(reader.find("f4").orElseThrow()));
    }

    private static ByteString bytes(String text) {
        return TestingImage.bytes(text);
    }
}
