package dev.flipside.verity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VeritySuperblockTest {
    private static final UUID SOME_UUID = UUID.fromString("01234567-89ab-8def-8123-456789abcdef");
    private static final VerityParameters PARAMETERS =
            new VerityParameters("00ff10", SOME_UUID, 4_000_000_000L);

    private static void assertRefused(byte[] block) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> VeritySuperblock.decode(block));
        assertEquals(FailureCode.VERITY_MALFORMED, refusal.failure().code());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 256})
    void readsWhatItWrites(int saltSize) throws FlipsideException {
        VerityParameters parameters =
                new VerityParameters("a5".repeat(saltSize), SOME_UUID, 1L << 32);
        byte[] block = VeritySuperblock.encode(parameters);
        assertEquals(parameters, VeritySuperblock.decode(block));
        assertArrayEquals(block, VeritySuperblock.encode(VeritySuperblock.decode(block)));
    }

    @Test
    void putsTheFieldsWhereTheFormatHasThem() {
        ByteBuffer block =
                ByteBuffer.wrap(VeritySuperblock.encode(PARAMETERS)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x0000797469726576L, block.getLong(0));
        assertEquals(1, block.getInt(8));
        assertEquals(1, block.getInt(12));
        assertEquals(0x01, block.get(16));
        assertEquals((byte) 0xef, block.get(31));
        assertEquals('s', block.get(32));
        assertEquals(4096, block.getInt(64));
        assertEquals(4096, block.getInt(68));
        assertEquals(4_000_000_000L, block.getLong(72));
        assertEquals(3, block.getShort(80));
        assertEquals((byte) 0xff, block.get(89));
    }

    @Test
    void refusesWhatIsNotOneBlock() {
        byte[] block = VeritySuperblock.encode(PARAMETERS);
        assertRefused(new byte[0]);
        assertRefused(new byte[4096]);
        assertRefused(Arrays.copyOf(block, 512));
        assertRefused(Arrays.copyOf(block, 8192));
    }

    @Test
    void refusesValuesThatCannotBe() {
        for (long dataBlocks : new long[] {0, -1, Long.MIN_VALUE, (1L << 32) + 1}) {
            byte[] block = VeritySuperblock.encode(PARAMETERS);
            ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putLong(72, dataBlocks);
            assertRefused(block);
        }
        for (int saltSize : new int[] {257, 0x7fff, 0xffff}) {
            byte[] block = VeritySuperblock.encode(PARAMETERS);
            ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putShort(80, (short) saltSize);
            assertRefused(block);
        }
        for (int at : new int[] {8, 12, 38, 64, 68, 82, 91, 344, 511, 512, 4095}) {
            byte[] block = VeritySuperblock.encode(PARAMETERS);
            block[at] ^= 2;
            assertRefused(block);
        }
    }

    @Test
    void throwsNothingElseWhateverTheBytes() {
        long seed = 42;
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            byte[] block = VeritySuperblock.encode(PARAMETERS);
            for (int flips = random.nextInt(8); flips >= 0; flips--) {
                block[random.nextInt(400)] = (byte) random.nextInt();
            }
            try {
                VeritySuperblock.decode(block);
            } catch (FlipsideException expected) {
                assertEquals(
                        FailureCode.VERITY_MALFORMED,
                        expected.failure().code(),
                        "seed " + seed + " round " + i);
            }
        }
    }
}
