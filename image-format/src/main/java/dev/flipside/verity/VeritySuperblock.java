package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The superblock in front of a hash tree (cryptsetup, DMVerity wiki, "Superblock format"): 512
 * bytes, little-endian, padded with zeros to one block.
 *
 * <p>Offsets: 0 signature "verity\0\0", 8 version 1, 12 hash type 1, 16 UUID, 32 algorithm, 64 data
 * block size, 68 hash block size, 72 number of data blocks (8 bytes), 80 salt size (2 bytes), 88
 * salt. The kernel does not look at it, so whoever opens a tree has to.
 */
public final class VeritySuperblock {
    private static final byte[] SIGNATURE = {'v', 'e', 'r', 'i', 't', 'y', 0, 0};
    private static final int VERSION = 1;
    private static final int HASH_TYPE = 1;
    private static final int AT_UUID = 16;
    private static final int AT_ALGORITHM = 32;
    private static final int AT_DATA_BLOCK_SIZE = 64;
    private static final int AT_DATA_BLOCKS = 72;
    private static final int AT_SALT_SIZE = 80;
    private static final int AT_SALT = 88;

    private VeritySuperblock() {}

    /** The superblock as one whole block of 4096 bytes. */
    public static byte[] encode(VerityParameters parameters) {
        byte[] salt = parameters.saltBytes();
        ByteBuffer block = ByteBuffer.allocate(BLOCK_SIZE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        block.put(SIGNATURE).putInt(VERSION).putInt(HASH_TYPE);
        UUID uuid = parameters.uuid();
        block.order(ByteOrder.BIG_ENDIAN)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .order(ByteOrder.LITTLE_ENDIAN);
        block.put(AT_ALGORITHM, VerityParameters.ALGORITHM.getBytes(StandardCharsets.US_ASCII));
        block.position(AT_DATA_BLOCK_SIZE).putInt(BLOCK_SIZE_BYTES).putInt(BLOCK_SIZE_BYTES);
        block.putLong(parameters.dataBlocks()).putShort((short) salt.length);
        block.put(AT_SALT, salt);
        return block.array();
    }

    /**
     * Reads a superblock, which must be exactly what {@link #encode} writes: no byte of it is
     * without meaning, so none can be changed unseen.
     *
     * @param block the first 4096 bytes of a hash tree
     * @throws FlipsideException {@code verity-malformed}
     */
    public static VerityParameters decode(byte[] block) throws FlipsideException {
        require(block.length == BLOCK_SIZE_BYTES, "4096 bytes", block.length + " bytes");
        ByteBuffer in = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        require(
                Arrays.equals(block, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length),
                "the signature \"verity\"",
                "0x" + HexFormat.of().formatHex(block, 0, SIGNATURE.length));
        long dataBlocks = in.getLong(AT_DATA_BLOCKS);
        require(
                dataBlocks >= 1 && dataBlocks <= VerityParameters.MAX_DATA_BLOCKS,
                "1 to " + VerityParameters.MAX_DATA_BLOCKS + " data blocks",
                Long.toUnsignedString(dataBlocks));
        int saltSize = Short.toUnsignedInt(in.getShort(AT_SALT_SIZE));
        require(
                saltSize <= VerityParameters.MAX_SALT_BYTES,
                "a salt of at most 256 bytes",
                saltSize + " bytes");
        in.order(ByteOrder.BIG_ENDIAN);
        VerityParameters parameters =
                new VerityParameters(
                        HexFormat.of().formatHex(block, AT_SALT, AT_SALT + saltSize),
                        new UUID(in.getLong(AT_UUID), in.getLong(AT_UUID + Long.BYTES)),
                        dataBlocks);
        int difference = Arrays.mismatch(block, encode(parameters));
        require(
                difference < 0,
                "version 1, hash type 1, sha256, blocks of 4096 bytes, and zeros elsewhere",
                "another value at byte " + difference);
        return parameters;
    }

    private static void require(boolean condition, String expected, String found)
            throws FlipsideException {
        if (!condition) {
            throw new FlipsideException(
                    FailureCode.VERITY_MALFORMED,
                    "verity superblock",
                    expected,
                    found,
                    "make the hash tree again");
        }
    }
}
