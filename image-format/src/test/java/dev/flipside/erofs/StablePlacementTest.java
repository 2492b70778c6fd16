package dev.flipside.erofs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.format.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A small change in a tree is a small change in the blocks of its image, wherever it is. */
class StablePlacementTest {
    private static final int FOLDERS = 120;
    private static final int FILES_IN_FOLDER = 40;
    private static final int CHANGES = 60;
    private static final long SEED = 20_261_121;

    /** Paths like {@code 07/13}, and the blocks that a file has. */
    private static Map<String, Integer> files(Random random) {
        Map<String, Integer> files = new TreeMap<>();
        for (int folder = 0; folder < FOLDERS; folder++) {
            for (int file = 0; file < FILES_IN_FOLDER; file++) {
                int blocks = random.nextInt(20) == 0 ? random.nextInt(200) : random.nextInt(8);
                files.put("d%03d/f%03d".formatted(folder, file), blocks);
            }
        }
        return files;
    }

    /** What stands in each block: metadata as it is, contents by the name of their file. */
    private record Blocks(List<String> all, int spare) {
        int changedFrom(Blocks before) {
            int changed = 0;
            for (int i = 0; i < all.size(); i++) {
                boolean there = i < before.all.size();
                changed += there && before.all.get(i).equals(all.get(i)) ? 0 : 1;
            }
            return changed;
        }
    }

    private static Blocks blocks(Map<String, Integer> files) throws Exception {
        Map<String, TreeMap<ByteString, Inode>> folders = new TreeMap<>();
        Map<String, Inode> inodes = new HashMap<>();
        for (Map.Entry<String, Integer> file : files.entrySet()) {
            String[] path = file.getKey().split("/");
            Inode inode = TestingImage.file(file.getValue() * 4096L);
            inodes.put(file.getKey(), inode);
            folders.computeIfAbsent(path[0], _ -> new TreeMap<>())
                    .put(ByteString.utf8(path[1]), inode);
        }
        Map<String, Inode> root = new TreeMap<>();
        folders.forEach(
                (name, entries) ->
                        root.put(name, TestingImage.of(new InodeKind.Directory(entries))));
        FileTree tree = new FileTree(TestingImage.directory(root));
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        String[] all = new String[(int) (layout.sizeBytes() / 4096)];
        byte[] metadata = TestingImage.metadataOf(layout).bytes();
        for (int i = 0; i < layout.metadataSizeBytes() / 4096; i++) {
            all[i] = Arrays.hashCode(Arrays.copyOfRange(metadata, i * 4096, i * 4096 + 4096)) + "";
        }
        for (Map.Entry<String, Inode> file : inodes.entrySet()) {
            Extent extent = layout.extentOf(file.getValue());
            for (int i = 0; i < extent.sizeBytes() / 4096; i++) {
                all[(int) (extent.offsetBytes() / 4096) + i] = file.getKey() + " " + i;
            }
        }
        int spare = (int) Arrays.stream(all).filter(block -> block == null).count();
        return new Blocks(
                Arrays.stream(all).map(block -> block == null ? "" : block).toList(), spare);
    }

    private interface Change {
        void make(Map<String, Integer> files, String path);
    }

    private static void assertSmall(String what, Change change) throws Exception {
        Random random = new Random(SEED);
        Map<String, Integer> files = files(random);
        List<String> paths = List.copyOf(files.keySet());
        Blocks before = blocks(files);
        List<Integer> changed = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            Map<String, Integer> after = new TreeMap<>(files);
            change.make(after, paths.get(random.nextInt(paths.size())));
            changed.add(blocks(after).changedFrom(before));
        }
        changed.sort(null);
        int total = before.all().size();
        String figures = "%s, of %d blocks: %s; seed %d".formatted(what, total, changed, SEED);
        assertTrue(changed.get(CHANGES / 2) <= total / 16, figures);
        assertTrue(changed.get(CHANGES * 9 / 10) <= total / 5, figures);
    }

    @Test
    void aFileThatComesMovesWhatIsNearIt() throws Exception {
        assertSmall("insert", (files, path) -> files.put(path + "a", 2));
    }

    @Test
    void aFileThatGoesMovesWhatIsNearIt() throws Exception {
        assertSmall("delete", (files, path) -> files.remove(path));
    }

    @Test
    void aFileThatGrowsMovesWhatIsNearIt() throws Exception {
        assertSmall("grow", (files, path) -> files.merge(path, 1, Integer::sum));
    }

    @Test
    void littleRoomIsLost() throws Exception {
        Blocks blocks = blocks(files(new Random(SEED)));
        assertTrue(blocks.spare() <= blocks.all().size() / 20, blocks.spare() + " blocks");
    }
}
