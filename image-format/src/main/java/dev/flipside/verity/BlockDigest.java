package dev.flipside.verity;

import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The digest of a block as dm-verity's hash type 1 defines it: SHA-256 over the salt, then the
 * block. For one thread at a time.
 */
public final class BlockDigest {
    private final MessageDigest sha256;
    private final byte[] salt;

    public BlockDigest(byte[] salt) {
        this.salt = salt.clone();
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Puts the digest of the block at {@code blockOffset} in {@code blocks} into {@code out}. */
    public void digest(byte[] blocks, int blockOffset, byte[] out, int outOffset) {
        sha256.update(salt);
        sha256.update(blocks, blockOffset, VerityParameters.BLOCK_SIZE_BYTES);
        try {
            sha256.digest(out, outOffset, DIGEST_SIZE_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("32 bytes must be enough for SHA-256", e);
        }
    }

    public byte[] digest(byte[] block) {
        byte[] out = new byte[DIGEST_SIZE_BYTES];
        digest(block, 0, out, 0);
        return out;
    }
}
