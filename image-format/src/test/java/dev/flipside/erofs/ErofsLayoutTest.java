package dev.flipside.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErofsLayoutTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noInodeWithItsTailCrossesABlockAndNothingOverlaps(long seed) throws Exception {
        Random random = new Random(seed);
        ErofsLayout layout =
                ErofsLayout.plan(randomTree(random), TestingImage.ID, TestingImage.BUILD_TIME);
        long end = 1152;
        for (InodePlacement placement : layout.placements()) {
            InodePlacement.Shape shape = placement.shape();
            long offset = placement.offsetBytes();
            assertTrue(offset >= end, () -> "overlap, seed " + seed);
            assertEquals(0, offset % 32, () -> "seed " + seed);
            end = offset + shape.sizeBytes();
            if (shape.sizeBytes() <= 4096) {
                assertEquals(offset / 4096, (end - 1) / 4096, () -> "crosses, seed " + seed);
            }
        }
        assertTrue(layout.placements().getFirst().nid() <= 0xffff);
        assertBlocksDoNotOverlap(layout, end, seed);
    }

    private static void assertBlocksDoNotOverlap(ErofsLayout layout, long inodesEnd, long seed) {
        boolean[] taken = new boolean[(int) (layout.sizeBytes() / 4096)];
        for (int i = 0; i * 4096L < inodesEnd; i++) {
            taken[i] = true;
        }
        for (InodePlacement placement : layout.placements()) {
            for (int i = 0; i < placement.shape().blocks(); i++) {
                int block = placement.startBlock() + i;
                assertTrue(!taken[block], () -> "block taken twice, seed " + seed);
                taken[block] = true;
            }
        }
        int spare = 0;
        for (boolean block : taken) {
            spare += block ? 0 : 1;
        }
        assertTrue(spare <= taken.length / 16, spare + " blocks without use, seed " + seed);
    }

    private static FileTree randomTree(Random random) {
        List<Inode> directories = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            SortedMap<ByteString, Inode> entries = new TreeMap<>();
            int count = random.nextInt(i % 10 == 0 ? 400 : 20);
            for (int j = 0; j < count; j++) {
                entries.put(
                        ByteString.utf8("n" + "x".repeat(random.nextInt(200)) + j),
                        randomInode(random));
            }
            if (!directories.isEmpty() && random.nextBoolean()) {
                entries.put(ByteString.utf8("sub"), directories.removeFirst());
            }
            directories.add(TestingImage.of(new InodeKind.Directory(entries)));
        }
        SortedMap<ByteString, Inode> root = new TreeMap<>();
        for (int i = 0; i < directories.size(); i++) {
            root.put(ByteString.utf8("d" + i), directories.get(i));
        }
        return new FileTree(TestingImage.of(new InodeKind.Directory(root)));
    }

    private static Inode randomInode(Random random) {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        if (random.nextInt(5) == 0) {
            xattrs.put(
                    ByteString.utf8("user.x"),
                    TestingImage.randomBytes(random.nextLong(), random.nextInt(6000)));
        }
        InodeAttributes attributes =
                new InodeAttributes(0644, 0, 0, TestingImage.BUILD_TIME, xattrs);
        InodeKind kind =
                random.nextBoolean()
                        ? new InodeKind.RegularFile(random.nextInt(20_000))
                        : new InodeKind.Symlink(
                                ByteString.utf8("t".repeat(1 + random.nextInt(4095))));
        return new Inode(attributes, kind);
    }

    @Test
    void anEmptyFileTakesNoBlock() throws Exception {
        Inode empty = TestingImage.file(0);
        FileTree tree = new FileTree(TestingImage.directory(Map.of("a", empty)));
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        assertEquals(new Extent(0, 0), layout.extentOf(empty));
        assertEquals(4096, layout.sizeBytes());
    }

    @Test
    void refusesAnAttributeThatErofsCannotHold() {
        for (String name : List.of("system.nfs4_acl", "user.", "other.x")) {
            InodeAttributes attributes =
                    new InodeAttributes(
                            0644,
                            0,
                            0,
                            TestingImage.BUILD_TIME,
                            TestingImage.xattrs(name, ByteString.utf8("v")));
            Inode file = new Inode(attributes, new InodeKind.RegularFile(0));
            FileTree tree =
                    new FileTree(
                            TestingImage.directory(
                                    Map.of("etc", TestingImage.directory(Map.of("f", file)))));
            FlipsideException refused =
                    assertThrows(
                            FlipsideException.class,
                            () -> ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME));
            assertEquals(FailureCode.ROOTFS_UNSUPPORTED, refused.failure().code());
            assertTrue(refused.failure().what().contains("'/etc/f'"), refused.getMessage());
            assertTrue(refused.failure().found().contains(name), refused.getMessage());
        }
    }

    @Test
    void refusesADirectoryWithTwoNames() {
        Inode shared = TestingImage.directory(Map.of());
        Inode root = TestingImage.directory(Map.of("a", shared, "b", shared));
        assertThrows(IllegalArgumentException.class, () -> new FileTree(root));
    }
}
