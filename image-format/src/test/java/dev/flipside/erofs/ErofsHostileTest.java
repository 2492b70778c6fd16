package dev.flipside.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErofsHostileTest {
    private static final int ROUNDS = 600;

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void flippedBytesAreRefusedOrReadAndNothingElse(long seed) throws Exception {
        TestingImage whole = TestingImage.of(TestingImage.everything());
        Random random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = whole.bytes().clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                bytes[position(random, bytes.length)] = (byte) random.nextInt(256);
            }
            mendChecksum(bytes);
            refused += readAll(new TestingImage(bytes, whole.sizeBytes()), seed, round) ? 0 : 1;
        }
        assertTrue(refused > ROUNDS / 10, "only " + refused + " refused, seed " + seed);
        assertTrue(refused < ROUNDS, "all refused, seed " + seed);
    }

    /** Most positions among the first inodes and in the superblock, where a change matters. */
    private static int position(Random random, int length) {
        return switch (random.nextInt(3)) {
            case 0 -> 1024 + random.nextInt(128);
            case 1 -> 1152 + random.nextInt(8192);
            default -> random.nextInt(length);
        };
    }

    @Test
    void everyTruncationIsRefused() throws Exception {
        byte[] whole = TestingImage.of(smallTree()).bytes();
        for (int length = 0; length < whole.length; length++) {
            TestingImage cut = new TestingImage(Arrays.copyOf(whole, length), length);
            assertMalformed(() -> ErofsReader.open(cut));
        }
    }

    @Test
    void everyFlippedBitUnderTheChecksumIsRefused() throws Exception {
        byte[] whole = TestingImage.of(smallTree()).bytes();
        for (int at = 1024; at < 1152; at++) {
            if (at == 1032) {
                continue; // the flag that says whether there is a checksum
            }
            byte[] bytes = whole.clone();
            bytes[at] ^= 1;
            assertMalformed(() -> ErofsReader.open(new TestingImage(bytes, bytes.length)));
        }
    }

    private static FileTree smallTree() {
        return new FileTree(TestingImage.directory(Map.of("a", TestingImage.file(0))));
    }

    @Test
    void aDirectoryInItselfIsRefusedAndNotFollowedForEver() throws Exception {
        Inode inner = TestingImage.directory(Map.of());
        FileTree tree = new FileTree(TestingImage.directory(Map.of("sub", inner)));
        ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
        byte[] bytes = TestingImage.metadataOf(layout).bytes();
        int dirents = (int) layout.placementOf(tree.root()).offsetBytes() + 64;
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(dirents + 2 * 12, layout.placementOf(tree.root()).nid());
        mendChecksum(bytes);
        ErofsReader reader = ErofsReader.open(new TestingImage(bytes, bytes.length));
        assertMalformed(() -> reader.walk((_, _) -> {}));
    }

    @Test
    void refusesCompressedAndChunkedInodesByTheirLayout() throws Exception {
        for (int dataLayout : new int[] {1, 3, 4, 5, 7}) {
            FileTree tree = smallTree();
            ErofsLayout layout = ErofsLayout.plan(tree, TestingImage.ID, TestingImage.BUILD_TIME);
            byte[] bytes = TestingImage.metadataOf(layout).bytes();
            int at = (int) layout.placements().get(1).offsetBytes();
            bytes[at] = (byte) (dataLayout << 1 | 1);
            mendChecksum(bytes);
            ErofsReader reader = ErofsReader.open(new TestingImage(bytes, bytes.length));
            FlipsideException refused = assertMalformed(() -> reader.find("a"));
            assertEquals("layout " + dataLayout, refused.failure().found());
        }
    }

    @Test
    void refusesSizesThatTheImageCannotHold() throws Exception {
        for (long size : new long[] {-1, Long.MIN_VALUE, 4097, 1L << 32, Long.MAX_VALUE}) {
            ErofsLayout layout =
                    ErofsLayout.plan(smallTree(), TestingImage.ID, TestingImage.BUILD_TIME);
            byte[] bytes = TestingImage.metadataOf(layout).bytes();
            int at = (int) layout.placements().get(1).offsetBytes();
            ByteBuffer inode = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            inode.putLong(at + 8, size).putInt(at + 16, 0);
            mendChecksum(bytes);
            ErofsReader reader = ErofsReader.open(new TestingImage(bytes, bytes.length));
            assertMalformed(() -> reader.find("a"));
        }
    }

    private static FlipsideException assertMalformed(
            org.junit.jupiter.api.function.Executable read) {
        FlipsideException refused = assertThrows(FlipsideException.class, read);
        assertEquals(FailureCode.EROFS_MALFORMED, refused.failure().code());
        return refused;
    }

    /** With the right checksum a change gets further into the reader. */
    private static void mendChecksum(byte[] bytes) {
        ByteBuffer at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        at.putInt(1028, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 1024, 3072);
        at.putInt(1028, ~(int) crc.getValue());
    }

    /** True when all of it could be read. */
    private static boolean readAll(TestingImage image, long seed, int round) {
        String where = "seed " + seed + ", round " + round;
        try {
            ErofsReader reader = ErofsReader.open(image);
            reader.walk((_, inode) -> readInode(reader, inode));
            reader.find("link");
            return true;
        } catch (FlipsideException e) {
            assertEquals(FailureCode.EROFS_MALFORMED, e.failure().code(), where);
            return false;
        } catch (EOFException e) {
            throw new AssertionError("read beyond the image, " + where, e);
        } catch (IOException | RuntimeException e) {
            throw new AssertionError(where, e);
        }
    }

    private static void readInode(ErofsReader reader, ErofsInode inode)
            throws IOException, FlipsideException {
        reader.xattrs(inode);
        if (inode.type() == ErofsInode.Type.REGULAR_FILE) {
            int start = (int) Math.min(inode.sizeBytes(), 5000);
            reader.read(inode, ByteBuffer.allocate(start), 0);
            reader.read(inode, ByteBuffer.allocate(start), inode.sizeBytes() - start);
        }
    }
}
