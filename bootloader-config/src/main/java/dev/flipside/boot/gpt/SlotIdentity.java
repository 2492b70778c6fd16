package dev.flipside.boot.gpt;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What a slot's partitions are called. UAPI.2 lets the initrd find the data partition by the first
 * half of the root hash, and the hash partition by the second half.
 *
 * @param label of both partitions
 */
public record SlotIdentity(UUID data, UUID hash, String label) {
    /** The label of a slot that holds nothing; systemd-sysupdate's. */
    public static final String EMPTY_LABEL = "_empty";

    private static final int ROOT_HASH_BYTES = 32;

    public SlotIdentity {
        if (label.length() > Partition.MAX_NAME_LENGTH) {
            throw new IllegalArgumentException("label '%s'".formatted(label));
        }
    }

    /** The identity of a slot that holds this release. */
    public static SlotIdentity of(byte[] rootHash, String product, String version) {
        if (rootHash.length != ROOT_HASH_BYTES) {
            throw new IllegalArgumentException("root hash of %d bytes".formatted(rootHash.length));
        }
        ByteBuffer halves = ByteBuffer.wrap(rootHash);
        return new SlotIdentity(
                new UUID(halves.getLong(), halves.getLong()),
                new UUID(halves.getLong(), halves.getLong()),
                product + "_" + version);
    }

    /** The identity of a slot that holds nothing. */
    public static SlotIdentity empty(UUID data, UUID hash) {
        return new SlotIdentity(data, hash, EMPTY_LABEL);
    }

    public boolean isEmpty() {
        return label.equals(EMPTY_LABEL);
    }
}
