package dev.flipside.verity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HashTreeReaderTest {
    private static TreeFile tree(long dataBlocks) throws IOException {
        return TreeFile.build(new VerityParameters("5a17", new UUID(1, 2), dataBlocks), 2);
    }

    private static HashTreeReader reader(TreeFile tree) {
        return new HashTreeReader(tree, tree.parameters, tree.rootHash);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 128, 129, 16385})
    void knowsTheDigestOfEachBlock(long dataBlocks) throws Exception {
        HashTreeReader reader = reader(tree(dataBlocks));
        BlockDigest digest = new BlockDigest(new byte[] {0x5a, 0x17});
        for (long n = 0; n < dataBlocks; n++) {
            byte[] block = PatternData.block(n);
            assertArrayEquals(digest.digest(block), reader.digest(n), "block " + n);
        }
    }

    @Test
    void knowsTheDigestOfEachTreeBlockWithoutReadingIt() throws Exception {
        TreeFile tree = tree(16385);
        BlockDigest digest = new BlockDigest(new byte[] {0x5a, 0x17});
        byte[] found = new byte[32];
        for (int level = 0; level < 3; level++) {
            HashTreeReader reader = reader(tree);
            long offset = tree.parameters.geometry().levelOffsetBytes(level);
            for (int n = 0; n < tree.parameters.geometry().blocksOnLevel(level); n++) {
                int at = (int) offset + n * 4096;
                byte[] block = Arrays.copyOfRange(tree.bytes, at, at + 4096);
                tree.bytes[at] ^= 1;
                reader.treeDigest(level, n, found);
                tree.bytes[at] ^= 1;
                assertArrayEquals(digest.digest(block), found, level + ", block " + n);
            }
            int beyond = (int) tree.parameters.geometry().blocksOnLevel(level);
            int of = level;
            assertThrows(
                    IllegalArgumentException.class, () -> reader.treeDigest(of, beyond, found));
        }
    }

    @Test
    void findsBlocksInAnyOrder() throws Exception {
        HashTreeReader reader = reader(tree(16385));
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            long n = random.nextInt(16385);
            assertTrue(reader.matches(n, PatternData.block(n), 0), "seed " + seed + " block " + n);
        }
    }

    @Test
    void refusesABlockThatIsNotTheOne() throws Exception {
        HashTreeReader reader = reader(tree(300));
        assertFalse(reader.matches(7, PatternData.block(8), 0));
        byte[] flipped = PatternData.block(7);
        flipped[4095] ^= 1;
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> reader.verify(7, flipped, 0));
        assertEquals(FailureCode.BLOCK_MISMATCH, refusal.failure().code());
    }

    @Test
    void refusesATreeWithAnyBlockChanged() throws Exception {
        TreeFile tree = tree(16385);
        int blocks = tree.bytes.length / 4096;
        for (int block = 1; block < blocks; block++) {
            int at = block * 4096 + (block * 37) % 4096;
            tree.bytes[at] ^= 0x40;
            assertThrows(
                    FlipsideException.class, () -> readAll(reader(tree)), "hash block " + block);
            tree.bytes[at] ^= 0x40;
        }
        readAll(reader(tree));
    }

    private static void readAll(HashTreeReader reader) throws IOException, FlipsideException {
        for (long n = 0; n < 16385; n += 128) {
            reader.digest(n);
        }
    }

    @Test
    void refusesAnotherRootHash() throws Exception {
        TreeFile tree = tree(129);
        byte[] other = tree.rootHash.clone();
        other[31] ^= 1;
        HashTreeReader reader = new HashTreeReader(tree, tree.parameters, other);
        assertThrows(FlipsideException.class, () -> reader.digest(0));
    }

    @Test
    void checksABlockAgainAfterARefusal() throws Exception {
        TreeFile tree = tree(129);
        HashTreeReader reader = reader(tree);
        tree.bytes[2 * 4096] ^= 1;
        assertThrows(FlipsideException.class, () -> reader.digest(0));
        assertThrows(FlipsideException.class, () -> reader.digest(0));
        tree.bytes[2 * 4096] ^= 1;
        assertTrue(reader.matches(0, PatternData.block(0), 0));
    }

    @Test
    void failsOnATreeThatIsCutShort() throws Exception {
        TreeFile tree = tree(16385);
        HashTreeReader reader =
                new HashTreeReader(
                        new dev.flipside.format.RandomAccess() {
                            @Override
                            public long sizeBytes() {
                                return 4096;
                            }

                            @Override
                            public void read(ByteBuffer destination, long offset)
                                    throws IOException {
                                throw new java.io.EOFException("cut at 4096");
                            }
                        },
                        tree.parameters,
                        tree.rootHash);
        assertThrows(IOException.class, () -> reader.digest(5));
        assertThrows(IllegalArgumentException.class, () -> reader.digest(16385));
        assertThrows(IllegalArgumentException.class, () -> reader.digest(-1));
        assertEquals(0, Arrays.compare(reader(tree).digest(5), reader(tree).digest(5)));
    }
}
