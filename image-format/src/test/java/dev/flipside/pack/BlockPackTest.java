package dev.flipside.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BlockPackTest {
    /** Both files of a pack. */
    private record Packed(
            RandomAccess image, ByteArrayOutputStream pack, ByteArrayOutputStream index) {
        int imageBlocks() {
            return (int) (image.sizeBytes() / 4096);
        }

        PackIndexReader reader(byte[] indexBytes) throws IOException, FlipsideException {
            return new PackIndexReader(
                    new ByteArrayInputStream(indexBytes), imageBlocks(), pack.size());
        }
    }

    /** Blocks of text, of noise, of zeros, and some that were there before. */
    private static byte[] image(int blocks) {
        Random random = new Random(3);
        byte[] image = new byte[blocks * 4096];
        for (int n = 0; n < blocks; n++) {
            switch (random.nextInt(5)) {
                case 0 -> {}
                case 1 -> {
                    int from = random.nextInt(n + 1) * 4096;
                    System.arraycopy(image, from, image, n * 4096, 4096);
                }
                case 2 -> {
                    byte[] noise = new byte[4096];
                    random.nextBytes(noise);
                    System.arraycopy(noise, 0, image, n * 4096, 4096);
                }
                default -> Arrays.fill(image, n * 4096, n * 4096 + 4000, (byte) random.nextInt());
            }
        }
        return image;
    }

    private static Packed pack(byte[] bytes, int threads) throws IOException {
        RandomAccess image = RandomAccess.of(bytes);
        VerityParameters parameters =
                new VerityParameters("00", new UUID(1, 2), bytes.length / 4096);
        byte[] tree = new byte[(int) parameters.geometry().fileSizeBytes()];
        HashTree.build(
                image,
                parameters,
                1,
                (blocks, offset) -> blocks.get(tree, (int) offset, blocks.remaining()),
                done -> {});
        DistinctBlocks distinct = DistinctBlocks.of(RandomAccess.of(tree), bytes.length / 4096);
        Packed packed = new Packed(image, new ByteArrayOutputStream(), new ByteArrayOutputStream());
        PackWriter.write(
                image,
                distinct,
                3,
                threads,
                Channels.newChannel(packed.pack()),
                Channels.newChannel(packed.index()),
                done -> {});
        return packed;
    }

    private static byte[] unpack(Packed packed) throws IOException, FlipsideException {
        byte[] image = new byte[packed.imageBlocks() * 4096];
        byte[] pack = packed.pack().toByteArray();
        byte[] plain = new byte[BlockPack.MAX_BLOCKS_PER_FRAME * 4096];
        PackIndexReader reader = packed.reader(packed.index().toByteArray());
        try (FrameDecoder decoder = new FrameDecoder()) {
            Optional<PackFrame> next = reader.next();
            while (next.isPresent()) {
                PackFrame frame = next.get();
                int offset = (int) frame.offsetBytes();
                decoder.decode(pack, offset, frame.sizeBytes(), frame.blocks(), plain);
                for (int block = 0; block < frame.blocks(); block++) {
                    for (int i = 0; i < frame.placesOf(block); i++) {
                        int to = frame.place(block, i) * 4096;
                        System.arraycopy(plain, block * 4096, image, to, 4096);
                    }
                }
                next = reader.next();
            }
        }
        return image;
    }

    private static int readAll(Packed packed, byte[] index) throws IOException, FlipsideException {
        PackIndexReader reader = packed.reader(index);
        int frames = 0;
        while (reader.next().isPresent()) {
            frames++;
        }
        return frames;
    }

    private static void assertRefused(Packed packed, byte[] index, String what) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> readAll(packed, index), what);
        assertEquals(FailureCode.PACK_MALFORMED, refusal.failure().code());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 2000})
    void givesBackTheImage(int blocks) throws Exception {
        byte[] image = image(blocks);
        assertArrayEquals(image, unpack(pack(image, 2)));
    }

    @Test
    void holdsEachBlockOnce() throws Exception {
        Packed zeros = pack(new byte[1000 * 4096], 2);
        assertEquals(1, zeros.reader(zeros.index().toByteArray()).distinctBlocks());
        assertEquals(1, readAll(zeros, zeros.index().toByteArray()));
        assertTrue(zeros.pack().size() < 100, "size " + zeros.pack().size());
    }

    @Test
    void isTheSameFromAnyNumberOfThreads() throws Exception {
        byte[] image = image(1500);
        Packed one = pack(image, 1);
        Packed four = pack(image, 4);
        assertArrayEquals(one.pack().toByteArray(), four.pack().toByteArray());
        assertArrayEquals(one.index().toByteArray(), four.index().toByteArray());
    }

    @Test
    void spendsOneByteOfIndexOnABlockOfItsOwn() throws Exception {
        byte[] image = new byte[640 * 4096];
        for (int n = 0; n < 640; n++) {
            ByteBuffer.wrap(image).putInt(n * 4096, n);
        }
        Packed packed = pack(image, 2);
        assertTrue(packed.index().size() < 32 + 640 + 10 * 5, "size " + packed.index().size());
    }

    @Test
    void refusesAnIndexThatIsCutShortAnywhere() throws Exception {
        Packed packed = pack(image(300), 1);
        byte[] index = packed.index().toByteArray();
        for (int length = 0; length < index.length; length++) {
            assertRefused(packed, Arrays.copyOf(index, length), length + " bytes");
        }
        assertRefused(packed, Arrays.copyOf(index, index.length + 1), "one byte more");
    }

    @Test
    void refusesAnIndexForAnotherImageOrPack() throws Exception {
        Packed packed = pack(image(300), 1);
        byte[] index = packed.index().toByteArray();
        for (int sign : new int[] {-1, 1}) {
            assertThrows(
                    FlipsideException.class,
                    () ->
                            new PackIndexReader(
                                    new ByteArrayInputStream(index),
                                    300 + sign,
                                    packed.pack().size()));
            PackIndexReader reader =
                    new PackIndexReader(
                            new ByteArrayInputStream(index), 300, packed.pack().size() + sign);
            assertThrows(
                    FlipsideException.class,
                    () -> {
                        while (reader.next().isPresent()) {
                            assertTrue(true);
                        }
                    });
        }
    }

    @Test
    void refusesHeadersThatCannotBe() throws Exception {
        Packed packed = pack(image(300), 1);
        for (int at = 0; at < 16; at++) {
            byte[] index = packed.index().toByteArray();
            index[at] ^= 1;
            assertRefused(packed, index, "byte " + at);
        }
        for (long distinct : new long[] {0, -1, 301, Long.MAX_VALUE}) {
            byte[] index = packed.index().toByteArray();
            ByteBuffer.wrap(index).order(ByteOrder.LITTLE_ENDIAN).putLong(24, distinct);
            assertRefused(packed, index, "distinct " + distinct);
        }
    }

    @Test
    void throwsNothingElseWhateverTheBytes() throws Exception {
        Packed packed = pack(image(300), 1);
        long seed = 5;
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] index = packed.index().toByteArray();
            for (int flips = random.nextInt(6); flips >= 0; flips--) {
                index[random.nextInt(index.length)] = (byte) random.nextInt();
            }
            try {
                readAll(packed, index);
            } catch (FlipsideException expected) {
                assertEquals(
                        FailureCode.PACK_MALFORMED,
                        expected.failure().code(),
                        "seed " + seed + " round " + i);
            }
        }
    }

    @Test
    void refusesAFrameThatIsNotOfSoManyBlocks() throws Exception {
        byte[] frame = pack(image(64), 1).pack().toByteArray();
        Packed one = pack(new byte[4096], 1);
        byte[] small = one.pack().toByteArray();
        byte[] out = new byte[64 * 4096];
        try (FrameDecoder decoder = new FrameDecoder()) {
            decoder.decode(small, 0, small.length, 1, out);
            assertThrows(
                    FlipsideException.class, () -> decoder.decode(small, 0, small.length, 2, out));
            assertThrows(
                    FlipsideException.class,
                    () -> decoder.decode(small, 0, small.length - 1, 1, out));
            assertThrows(
                    FlipsideException.class, () -> decoder.decode(frame, 0, frame.length, 1, out));
            assertThrows(
                    FlipsideException.class, () -> decoder.decode(new byte[100], 0, 100, 1, out));
            decoder.decode(small, 0, small.length, 1, out);
        }
    }

    @Test
    void staysWithinTheBlocksWhateverTheFrame() throws Exception {
        byte[] good = pack(image(64), 1).pack().toByteArray();
        long seed = 9;
        Random random = new Random(seed);
        byte[] out = new byte[64 * 4096];
        try (FrameDecoder decoder = new FrameDecoder()) {
            for (int i = 0; i < 1_000; i++) {
                byte[] frame = good.clone();
                frame[random.nextInt(frame.length)] ^= (byte) (1 + random.nextInt(255));
                try {
                    decoder.decode(frame, 0, frame.length, 32, out);
                } catch (FlipsideException expected) {
                    assertEquals(
                            FailureCode.PACK_MALFORMED,
                            expected.failure().code(),
                            "seed " + seed + " round " + i);
                }
                assertEquals(0, out[33 * 4096], "seed " + seed + " round " + i);
            }
        }
    }
}
