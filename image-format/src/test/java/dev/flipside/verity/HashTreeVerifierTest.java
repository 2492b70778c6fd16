package dev.flipside.verity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HashTreeVerifierTest {
    private static TreeFile tree(long dataBlocks) throws IOException {
        return TreeFile.build(new VerityParameters("5a17", new UUID(1, 2), dataBlocks), 2);
    }

    /** Feeds {@code bytes} in pieces, and returns what was passed on, where it was passed to. */
    private static byte[] feed(TreeFile tree, byte[] bytes, int pieceSize)
            throws IOException, FlipsideException {
        byte[] passedOn = new byte[tree.bytes.length];
        HashTreeVerifier verifier =
                new HashTreeVerifier(
                        tree.parameters,
                        tree.rootHash,
                        (blocks, offset) -> blocks.get(passedOn, (int) offset, blocks.remaining()));
        for (int at = 0; at < bytes.length; at += pieceSize) {
            int length = Math.min(pieceSize, bytes.length - at);
            verifier.accept(ByteBuffer.wrap(bytes, at, length));
        }
        verifier.finish();
        return passedOn;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 128, 129, 16384, 16385})
    void passesOnAllButTheSuperblock(long dataBlocks) throws Exception {
        TreeFile tree = tree(dataBlocks);
        byte[] expected = tree.bytes.clone();
        Arrays.fill(expected, 0, 4096, (byte) 0);
        for (int pieceSize : new int[] {1000, 4096, 1 << 20}) {
            assertArrayEquals(expected, feed(tree, tree.bytes, pieceSize));
        }
    }

    @Test
    void refusesAChangeOfAnyByteOfTheSuperblock() throws Exception {
        TreeFile tree = tree(129);
        for (int at = 0; at < 4096; at += at < 512 ? 1 : 61) {
            byte[] bytes = tree.bytes.clone();
            bytes[at] ^= 1;
            FlipsideException refusal =
                    assertThrows(
                            FlipsideException.class, () -> feed(tree, bytes, 4096), "byte " + at);
            assertEquals(FailureCode.VERITY_MALFORMED, refusal.failure().code());
        }
    }

    @Test
    void refusesAChangeOfAnyBlockOfTheTree() throws Exception {
        TreeFile tree = tree(16385);
        for (int block = 1; block < tree.bytes.length / 4096; block++) {
            byte[] bytes = tree.bytes.clone();
            bytes[block * 4096 + (block * 37) % 4096] ^= 1;
            FlipsideException refusal =
                    assertThrows(
                            FlipsideException.class,
                            () -> feed(tree, bytes, 65536),
                            "hash block " + block);
            assertEquals(FailureCode.BLOCK_MISMATCH, refusal.failure().code());
        }
    }

    @Test
    void refusesATreeThatIsShorterOrLonger() throws Exception {
        TreeFile tree = tree(129);
        byte[] shorter = Arrays.copyOf(tree.bytes, tree.bytes.length - 1);
        byte[] longer = Arrays.copyOf(tree.bytes, tree.bytes.length + 1);
        for (byte[] bytes : new byte[][] {new byte[0], shorter, longer}) {
            FlipsideException refusal =
                    assertThrows(FlipsideException.class, () -> feed(tree, bytes, 4096));
            assertEquals(FailureCode.VERITY_MALFORMED, refusal.failure().code());
            assertTrue(refusal.getMessage().contains("hash tree"), refusal.getMessage());
        }
    }
}
