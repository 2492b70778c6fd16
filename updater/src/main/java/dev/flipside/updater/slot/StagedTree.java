package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.source.Source;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.HashTreeVerifier;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The hash tree of the release in the hash partition of the inactive slot: the index of all that
 * staging does.
 *
 * <p>Invariant: from {@link #removeSuperblock} to {@link #writeSuperblock} the partition has no
 * superblock, and no digest is given out that does not lead to the root hash.
 */
final class StagedTree {
    static final String PARTITION = "hash partition";

    private static final int BLOCK_BYTES = VerityParameters.BLOCK_SIZE_BYTES;

    private final BlockDevice device;
    private final VerityParameters parameters;
    private final byte[] rootHash;
    private final SlotWriter writer;
    private HashTreeReader reader;

    StagedTree(
            BlockDevice device,
            VerityParameters parameters,
            byte[] rootHash,
            StagingLimits limits) {
        this.device = device;
        this.parameters = parameters;
        this.rootHash = rootHash.clone();
        this.writer = new SlotWriter(PARTITION, device, limits.flushBytes());
        this.reader = newReader();
    }

    private HashTreeReader newReader() {
        return new HashTreeReader(DeviceBytes.cached(device), parameters, rootHash);
    }

    long writtenBytes() {
        return writer.writtenBytes();
    }

    /** Makes the slot one that nobody takes for complete, before anything else is written. */
    void removeSuperblock() throws FlipsideException {
        writer.put(0, new byte[BLOCK_BYTES], 0);
        writer.flush();
    }

    /** Whether all of the tree stands on the disk already, as after a cut. */
    boolean isWhole() {
        try {
            for (long n = 0; n < parameters.dataBlocks(); n += VerityParameters.DIGESTS_PER_BLOCK) {
                reader.digest(n);
            }
            return true;
        } catch (IOException | FlipsideException e) {
            // Whatever is wrong with what stands there: it is written anew.
            reader = newReader();
            return false;
        }
    }

    /** Fetches the tree and writes each block of it after it was checked. */
    void fetch(Source source, String path) throws FlipsideException {
        Insistence.on(
                source,
                () -> {
                    fetchOnce(source, path);
                    return path;
                });
    }

    private void fetchOnce(Source source, String path) throws FlipsideException {
        HashTreeVerifier verifier =
                new HashTreeVerifier(parameters, rootHash, (blocks, offset) -> put(blocks, offset));
        long sizeBytes = parameters.geometry().fileSizeBytes();
        source.fetchRange(path, 0, sizeBytes, piece -> accept(verifier, piece));
        verifier.finish();
        writer.flush();
    }

    private void accept(HashTreeVerifier verifier, ByteBuffer piece) throws FlipsideException {
        try {
            verifier.accept(piece);
        } catch (TreeUnwritable e) {
            throw e.failure;
        } catch (IOException e) {
            throw new IllegalStateException("only writing can fail here", e);
        }
    }

    private void put(ByteBuffer blocks, long offsetBytes) throws TreeUnwritable {
        byte[] bytes = new byte[BLOCK_BYTES];
        long block = offsetBytes / BLOCK_BYTES;
        try {
            while (blocks.hasRemaining()) {
                blocks.get(bytes);
                writer.put(block, bytes, 0);
                block++;
            }
        } catch (FlipsideException e) {
            throw new TreeUnwritable(e);
        }
    }

    /** Carries a failure through the verifier, whose sink may only fail with an I/O error. */
    private static final class TreeUnwritable extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient FlipsideException failure;

        TreeUnwritable(FlipsideException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /** Puts the digest that image block {@code n} must have into {@code out}. */
    void digest(long n, byte[] out) throws FlipsideException {
        try {
            reader.digest(n, out, 0);
        } catch (IOException e) {
            throw SlotFailures.unreadable(PARTITION, e);
        } catch (FlipsideException e) {
            // The tree was right when it was written or checked, so the disk has changed it.
            throw SlotFailures.readBack(
                    PARTITION + " of the inactive slot",
                    "the hash tree that was written",
                    e.failure().what() + " with another digest");
        }
    }

    /** Says that the slot is complete. */
    void writeSuperblock() throws FlipsideException {
        writer.put(0, VeritySuperblock.encode(parameters), 0);
        writer.flush();
    }
}
