package dev.flipside.verity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HashTreeTest {
    private static final UUID VERITY_UUID = UUID.fromString("01234567-89ab-8def-8123-456789abcdef");
    private static final String SALT = "00112233445566778899aabbccddeeff".repeat(2);

    private static TreeFile tree(String salt, long dataBlocks, int threads) throws IOException {
        return TreeFile.build(new VerityParameters(salt, VERITY_UUID, dataBlocks), threads);
    }

    /** The values were printed by veritysetup 2.6.1 for the same data. */
    @ParameterizedTest
    @CsvSource({
        "1, d893c5b4641a90acb7b76a946195239907e088957ec5875d88971294a840eed9,"
                + " 22a26b61ec395c3015c806b7c8652dae062fc6bb63e427b95c5963294c0430aa",
        "2, a8f8b64f3f8394c4f66c6f177bf00bcd0b3de56bb9c8412269c1ed8118c8c6db,"
                + " 3e5c189d63448633738e8e800d7dffe4da4abcd0d3da4311f98e2a5cd646f914",
        "127, 12fb0dd3d33adbabe46dd064abe00fe970321c0fb9c1b9c4bfc1bf3732bdaff6,"
                + " 11206ef482c1193e309fd297a0d45044d68b087ca3bf3cf3b87ae4c357dc388f",
        "128, ed61b80efe52b5ec2b87d9926049c8264debe76fa86522fda13fa5bd3b9c8b19,"
                + " 3018ef7c3c45d9f75f40719fc9eb951396c535bf2717d5d3924a3520ebe91792",
        "129, 5eaf055c542c0d2aefa393c658e1c1edc842e787eca16710a6b871ca606b7c10,"
                + " a311f255a36ddf50c94f198b061da47c63e2a990af1e9fac46831873a6f36ff5",
        "16384, 49c52e3757db0653c38227652c83ca590c9d4ecb4584b025aeb372532e20e5e4,"
                + " 82d8837ed23d0b58be1bef9d18127e9c1a0ebedf5dfe7f1ca607c5035bdaffda",
        "16385, 769aef79e0087fb75c65ab028eebe14a908aaec0a4babd6d7b24b48e8ecafe7e,"
                + " 5db22b0b6dba659e0a9c7c51fe614c15379ba730aee1019748b23cfa867f211a",
    })
    void writesTheBytesThatVeritysetupWrites(long dataBlocks, String rootHash, String fileDigest)
            throws Exception {
        TreeFile tree = tree(SALT, dataBlocks, 2);
        assertEquals(rootHash, HexFormat.of().formatHex(tree.rootHash));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(tree.bytes);
        assertEquals(fileDigest, HexFormat.of().formatHex(digest));
    }

    @Test
    void worksWithoutASalt() throws IOException {
        assertEquals(
                "036f52f0cc851a73576a1379da9e4f5dff7b64894a594446953fc5eff24937ee",
                HexFormat.of().formatHex(tree("", 129, 1).rootHash));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void doesNotDependOnTheNumberOfThreads(int threads) throws IOException {
        assertArrayEquals(tree(SALT, 5000, 1).bytes, tree(SALT, 5000, threads).bytes);
    }

    @Test
    void reportsEachDataBlockOnce() throws IOException {
        AtomicLong done = new AtomicLong();
        HashTree.build(
                new PatternData(3000),
                new VerityParameters(SALT, VERITY_UUID, 3000),
                2,
                (blocks, offset) -> {},
                done::addAndGet);
        assertEquals(3000, done.get());
    }

    @Test
    void failsWhenTheDataCannotBeRead() {
        RandomAccess broken =
                new RandomAccess() {
                    @Override
                    public long sizeBytes() {
                        return 1 << 30;
                    }

                    @Override
                    public void read(ByteBuffer destination, long offset) throws IOException {
                        throw new IOException("medium error at " + offset);
                    }
                };
        VerityParameters parameters = new VerityParameters(SALT, VERITY_UUID, 20000);
        IOException failure =
                assertThrows(
                        IOException.class,
                        () -> HashTree.build(broken, parameters, 2, (b, o) -> {}, done -> {}));
        assertEquals("medium error at 0", failure.getMessage());
    }
}
