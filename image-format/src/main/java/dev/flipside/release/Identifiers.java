package dev.flipside.release;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Every identifier that a format asks for, derived so that two builds of a release agree and two
 * releases differ: the first bytes of SHA-256 over the UTF-8 text {@code
 * flipside/1/PURPOSE/PRODUCT/ARCH/VERSION}.
 *
 * <p>Only the verity salt is derived without {@code /VERSION}, so that equal blocks have equal
 * digests across the releases of a product. UUIDs are of version 8 and variant 10 (RFC 9562, clause
 * 5.8): the first 16 bytes with these six bits set.
 */
public record Identifiers(String product, Architecture architecture, String version) {
    /** What an identifier is for; its code is the PURPOSE in the hashed text. */
    public enum Purpose {
        EROFS_UUID("erofs-uuid"),
        VERITY_UUID("verity-uuid"),
        DISK_GUID("disk-guid"),
        ESP_GUID("esp-guid"),
        SLOT_A_DATA_GUID("slot-a-data-guid"),
        SLOT_A_HASH_GUID("slot-a-hash-guid"),
        SLOT_A_SIGNATURE_GUID("slot-a-signature-guid"),
        SLOT_B_DATA_GUID("slot-b-data-guid"),
        SLOT_B_HASH_GUID("slot-b-hash-guid"),
        SLOT_B_SIGNATURE_GUID("slot-b-signature-guid"),
        SECURE_BOOT_OWNER_GUID("secure-boot-owner-guid"),
        VAR_GUID("var-guid"),
        FAT_SERIAL("fat-serial"),
        SPDX_NAMESPACE("spdx-namespace"),
        CYCLONEDX_SERIAL("cyclonedx-serial");

        private final String code;

        Purpose(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    private static final String SALT_PURPOSE = "verity-salt";
    private static final long VERSION_BITS = 0xf000L;
    private static final long VERSION_8 = 0x8000L;
    private static final long VARIANT_BITS = 0xc000_0000_0000_0000L;
    private static final long VARIANT_10 = 0x8000_0000_0000_0000L;

    /** The first bytes of the digest for a purpose, at most 32. */
    public byte[] bytes(Purpose purpose, int sizeBytes) {
        byte[] digest = digest(purpose.code(), product, architecture.code(), version);
        if (sizeBytes < 1 || sizeBytes > digest.length) {
            throw new IllegalArgumentException("size of an identifier: " + sizeBytes);
        }
        return Arrays.copyOf(digest, sizeBytes);
    }

    /** The UUID for a purpose, of version 8. */
    public UUID uuid(Purpose purpose) {
        return version8(bytes(purpose, 16));
    }

    /**
     * The UUID, of version 8, of a document about an image: {@code /ROOTHASH} follows the version
     * in the hashed text, so that two images never share one.
     */
    public UUID uuid(Purpose purpose, String rootHash) {
        return version8(digest(purpose.code(), product, architecture.code(), version, rootHash));
    }

    private static UUID version8(byte[] digest) {
        ByteBuffer first = ByteBuffer.wrap(digest);
        long high = (first.getLong() & ~VERSION_BITS) | VERSION_8;
        long low = (first.getLong() & ~VARIANT_BITS) | VARIANT_10;
        return new UUID(high, low);
    }

    /** The verity salt of all releases of this product and architecture: 32 bytes, in hex. */
    public String salt() {
        return HexFormat.of().formatHex(digest(SALT_PURPOSE, product, architecture.code()));
    }

    private static byte[] digest(String... parts) {
        String text = "flipside/1/" + String.join("/", parts);
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
