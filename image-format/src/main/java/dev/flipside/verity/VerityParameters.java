package dev.flipside.verity;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;

/**
 * What a dm-verity hash tree is made with (hash type 1, SHA-256, 4096-byte blocks on both sides).
 *
 * @param salt 0 to 256 bytes, in lowercase hex; hashed before each block
 * @param uuid of the superblock; it does not change the root hash
 * @param dataBlocks the number of 4096-byte blocks under the tree, from 1 to 2³²
 */
public record VerityParameters(String salt, UUID uuid, long dataBlocks) {
    public static final int BLOCK_SIZE_BYTES = 4096;
    public static final int DIGEST_SIZE_BYTES = 32;
    public static final int DIGESTS_PER_BLOCK = BLOCK_SIZE_BYTES / DIGEST_SIZE_BYTES;
    public static final int MAX_SALT_BYTES = 256;
    public static final String ALGORITHM = "sha256";

    /** 16 TiB, which is also where EROFS ends with its 32-bit block numbers. */
    public static final long MAX_DATA_BLOCKS = 1L << 32;

    public VerityParameters {
        Objects.requireNonNull(uuid);
        if (HexFormat.of().parseHex(salt).length > MAX_SALT_BYTES) {
            throw new IllegalArgumentException("salt of more than 256 bytes");
        }
        if (!salt.equals(salt.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("salt is not in lowercase hex: " + salt);
        }
        if (dataBlocks < 1 || dataBlocks > MAX_DATA_BLOCKS) {
            throw new IllegalArgumentException("number of data blocks: " + dataBlocks);
        }
    }

    public byte[] saltBytes() {
        return HexFormat.of().parseHex(salt);
    }

    public TreeGeometry geometry() {
        return new TreeGeometry(dataBlocks);
    }
}
