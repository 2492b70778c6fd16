package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The signature of the root hash in the slot's signature partition, where the disk has one; the
 * kernel checks it, and the manifest pins it. A release without one leaves zeros, so that no slot
 * has the signature of another release.
 */
final class SlotSignature {
    static final String PARTITION = "signature partition";

    /** More than any signature has; it is held in memory. */
    private static final int MAX_BYTES = 1 << 20;

    private final StageRequest request;
    private final Optional<Artifact> artifact;

    SlotSignature(StageRequest request) {
        this.request = request;
        this.artifact = request.manifest().artifact(Artifact.Role.SIGNATURE);
    }

    /**
     * Refuses a signature that does not fit.
     *
     * @throws FlipsideException {@code slot-too-small}
     */
    void requireRoom() throws FlipsideException {
        if (request.signature().isPresent() && artifact.isPresent()) {
            long room = Math.min(MAX_BYTES, request.signature().get().sizeBytes());
            if (artifact.get().sizeBytes() > room) {
                throw SlotFailures.tooSmall(PARTITION, artifact.get().sizeBytes(), room);
            }
        }
    }

    /** Writes it and reads it back; returns how many bytes were written. */
    long write() throws FlipsideException {
        if (request.signature().isEmpty()) {
            return 0;
        }
        BlockDevice device = request.signature().get();
        byte[] contents =
                artifact.isEmpty()
                        ? new byte[0]
                        : PinnedFile.fetch(request.source(), artifact.get());
        byte[] blocks = Arrays.copyOf(contents, wholeBlocks(contents.length));
        try {
            device.write(ByteBuffer.wrap(blocks), 0);
            device.flush();
        } catch (IOException e) {
            throw SlotFailures.unwritable(PARTITION, e);
        }
        requireWritten(device, blocks);
        return blocks.length;
    }

    private static void requireWritten(BlockDevice device, byte[] blocks) throws FlipsideException {
        ByteBuffer found = ByteBuffer.allocate(blocks.length);
        try {
            DeviceBytes.pastCache(device).read(found, 0);
        } catch (IOException e) {
            throw SlotFailures.unreadable(PARTITION, e);
        }
        if (!Arrays.equals(found.array(), blocks)) {
            throw SlotFailures.readBack(PARTITION, "what was written", "other bytes");
        }
    }

    /** At least one, so that what was there before is gone. */
    private static int wholeBlocks(int bytes) {
        int block = VerityParameters.BLOCK_SIZE_BYTES;
        return Math.max(1, Math.ceilDiv(bytes, block)) * block;
    }
}
