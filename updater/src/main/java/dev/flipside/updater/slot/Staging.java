package dev.flipside.updater.slot;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.pack.BlockMap;
import dev.flipside.pack.FrameBatches;
import dev.flipside.pack.PackFrame;
import dev.flipside.pack.PackIndexReader;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.slot.Progress.Phase;
import dev.flipside.verity.VerityParameters;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes a release to the inactive slot, and reads it back: steps 3 and 4 of an update.
 *
 * <p>The caller has removed every boot entry of the slot (step 2), so nothing can boot what is
 * written here. Whatever ends a run, the next one finds by hashing what it has left, and goes on.
 *
 * <p>Invariants: a block is written only after it was hashed and found in the tree, which leads to
 * the root hash of the signed manifest; the superblock is written last; memory is the index of the
 * pack, one bit for each block of image and tree, one lookup of the booted slot at a time within
 * its limit, and buffers of fixed size.
 */
public final class Staging {
    private static final long MAX_INDEX_BYTES_PER_BLOCK = 20;

    private final StageRequest request;
    private final StagingLimits limits;
    private final Progress progress;
    private final VerityParameters parameters;
    private final byte[] rootHash;
    private final StagedTree tree;
    private final SlotWriter writer;
    private final SlotSignature signature;
    private final SlotData slot;
    private final long fetchedBefore;
    private final byte[] wanted = new byte[DIGEST_SIZE_BYTES];
    private long blocksInPlace;
    private long blocksReused;
    private long blocksFetched;
    private long signatureBytes;

    private Staging(
            StageRequest request,
            StagingLimits limits,
            Progress progress,
            VerityParameters parameters) {
        this.request = request;
        this.limits = limits;
        this.progress = progress;
        this.parameters = parameters;
        this.rootHash = request.manifest().verity().rootHashBytes();
        this.tree = new StagedTree(request.tree(), parameters, rootHash, limits);
        this.signature = new SlotSignature(request);
        this.writer = new SlotWriter(SlotData.PARTITION, request.data(), limits.flushBytes());
        BlockMap map = new BlockMap((int) parameters.dataBlocks());
        this.slot = new SlotData(tree, map, writer, parameters.saltBytes());
        this.fetchedBefore = request.source().fetchedBytes();
    }

    /**
     * Stages the release, whatever the slot holds.
     *
     * @throws FlipsideException {@code slot-too-small} before anything is written; {@code
     *     block-mismatch}, {@code pack-malformed} or {@code digest-mismatch} for what the source
     *     sent; {@code source-…} when it sent nothing; {@code io-failed}, {@code no-room}, {@code
     *     disk-unreadable} or {@code slot-readback-failed} for the disk
     */
    public static StageTally stage(StageRequest request, StagingLimits limits, Progress progress)
            throws FlipsideException {
        ReleaseManifest.Verity verity = request.manifest().verity();
        VerityParameters parameters =
                new VerityParameters(
                        verity.salt(), UUID.fromString(verity.uuid()), verity.dataBlocks());
        requireRoom(request, parameters);
        new SlotSignature(request).requireRoom();
        return new Staging(request, limits, progress, parameters).stage();
    }

    private static void requireRoom(StageRequest request, VerityParameters parameters)
            throws FlipsideException {
        long dataBytes = parameters.dataBlocks() * BLOCK_SIZE_BYTES;
        if (dataBytes > request.data().sizeBytes() || parameters.dataBlocks() > Integer.MAX_VALUE) {
            throw SlotFailures.tooSmall(SlotData.PARTITION, dataBytes, request.data().sizeBytes());
        }
        long treeBytes = parameters.geometry().fileSizeBytes();
        if (treeBytes > request.tree().sizeBytes()) {
            throw SlotFailures.tooSmall(
                    StagedTree.PARTITION, treeBytes, request.tree().sizeBytes());
        }
    }

    private StageTally stage() throws FlipsideException {
        Artifact pack = artifact(Artifact.Role.PACK);
        Artifact index = artifact(Artifact.Role.INDEX);
        Artifact treeFile = artifact(Artifact.Role.TREE);
        tree.removeSuperblock();
        tree.complete(
                request.booted()
                        .flatMap(
                                other ->
                                        BootedBlocks.ofTree(
                                                other, parameters.salt(), limits.lookupBytes())),
                request.source(),
                RepositoryLayout.blob(treeFile.sha256()));
        checkWhatStandsThere();
        if (!isComplete()) {
            fill(pack, index);
        }
        writer.flush();
        signatureBytes = signature.write();
        tree.writeSuperblock();
        readBack();
        return tally();
    }

    private void fill(Artifact pack, Artifact index) throws FlipsideException {
        byte[] indexBytes = fetchIndex(index);
        try {
            reuse(indexBytes, pack);
            fetch(newIndexReader(indexBytes, pack), pack);
        } catch (FlipsideException e) {
            keepWhatIsHere(e);
            throw e;
        }
        requireComplete();
    }

    // What was fetched must not be fetched again by the run that goes on from here.
    private void keepWhatIsHere(FlipsideException failure) {
        try {
            writer.flush();
        } catch (FlipsideException e) {
            failure.addSuppressed(e);
        }
    }

    private Artifact artifact(Artifact.Role role) throws FlipsideException {
        Optional<Artifact> artifact = request.manifest().artifact(role);
        if (artifact.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.MANIFEST_MALFORMED,
                    "release.json",
                    "an artifact '" + role.code() + "'",
                    "none",
                    "build and publish the release again");
        }
        return artifact.get();
    }

    private void checkWhatStandsThere() throws FlipsideException {
        long[] looked = new long[1];
        InPlaceCheck.mark(
                request,
                parameters,
                slot.map(),
                limits.threads(),
                blocks -> {
                    looked[0] += blocks;
                    report(Phase.CHECKING, looked[0]);
                });
        blocksInPlace = slot.map().rightBlocks();
    }

    private boolean isComplete() {
        return slot.map().rightBlocks() == slot.map().blocks();
    }

    private byte[] fetchIndex(Artifact index) throws FlipsideException {
        long maxBytes = BLOCK_SIZE_BYTES + MAX_INDEX_BYTES_PER_BLOCK * parameters.dataBlocks();
        if (index.sizeBytes() > Math.min(maxBytes, Integer.MAX_VALUE - 8)) {
            throw new FlipsideException(
                    FailureCode.PACK_MALFORMED,
                    index.name(),
                    "at most " + maxBytes + " bytes for so many blocks",
                    index.sizeBytes() + " bytes",
                    "build and publish the release again");
        }
        return PinnedFile.fetch(request.source(), index);
    }

    private PackIndexReader newIndexReader(byte[] index, Artifact pack) throws FlipsideException {
        try {
            return new PackIndexReader(
                    new ByteArrayInputStream(index), parameters.dataBlocks(), pack.sizeBytes());
        } catch (IOException e) {
            throw new IllegalStateException("the index is in memory", e);
        }
    }

    private void reuse(byte[] index, Artifact pack) throws FlipsideException {
        Optional<BootedBlocks> booted =
                request.booted()
                        .flatMap(
                                other ->
                                        BootedBlocks.ofImage(
                                                other, parameters.salt(), limits.lookupBytes()));
        ReadAhead own = new ReadAhead(request.data(), parameters.dataBlocks() * BLOCK_SIZE_BYTES);
        do {
            reuse(newIndexReader(index, pack), own, booted);
        } while (!isComplete() && booted.isPresent() && booted.get().goOn());
    }

    private void reuse(PackIndexReader index, ReadAhead own, Optional<BootedBlocks> booted)
            throws FlipsideException {
        FrameBatches frames = batches(index);
        for (Optional<FrameBatches.Batch> next = frames.next();
                next.isPresent();
                next = frames.next()) {
            for (PackFrame frame : next.get().frames()) {
                for (int block = 0; block < frame.blocks(); block++) {
                    reuse(frame, block, own, booted);
                }
            }
            report(Phase.REUSING, slot.map().rightBlocks());
        }
    }

    private void reuse(PackFrame frame, int block, ReadAhead own, Optional<BootedBlocks> booted)
            throws FlipsideException {
        int missing = slot.map().firstMissing(frame, block);
        if (missing < 0) {
            return;
        }
        int right = slot.map().firstRight(frame, block);
        int at = right < 0 ? -1 : own.at((long) right * BLOCK_SIZE_BYTES);
        if (at >= 0 && slot.isFor(missing, own.bytes(), at)) {
            blocksReused += slot.put(frame, block, own.bytes(), at);
        } else if (booted.isPresent()) {
            tree.digest(missing, wanted);
            int there = booted.get().find(wanted);
            if (there >= 0 && slot.isFor(missing, booted.get().bytes(), there)) {
                blocksReused += slot.put(frame, block, booted.get().bytes(), there);
            }
        }
    }

    private FrameBatches batches(PackIndexReader index) {
        return new FrameBatches(index, slot.map()::needs, limits.newGapBudget());
    }

    private void fetch(PackIndexReader index, Artifact pack) throws FlipsideException {
        String path = RepositoryLayout.blob(pack.sha256());
        FrameBatches frames = batches(index);
        try (FrameReceiver receiver = new FrameReceiver(slot)) {
            for (Optional<FrameBatches.Batch> next = frames.next();
                    next.isPresent();
                    next = frames.next()) {
                fetch(next.get(), path, receiver);
            }
        }
    }

    // What was good is in its place, whatever becomes of the rest.
    private void fetch(FrameBatches.Batch wanted, String path, FrameReceiver receiver)
            throws FlipsideException {
        receiver.begin(wanted);
        do {
            try {
                request.source()
                        .fetchRange(
                                path,
                                receiver.batch().offsetBytes(),
                                receiver.batch().lengthBytes(),
                                piece -> accept(piece, receiver));
                receiver.requireGood();
            } catch (FlipsideException e) {
                if (!Insistence.helps(request.source(), e, receiver.goodBytes())) {
                    throw e;
                }
                receiver.askAgain();
            }
        } while (receiver.beginNext());
    }

    private void accept(ByteBuffer piece, FrameReceiver receiver) throws FlipsideException {
        receiver.accept(piece);
        blocksFetched = receiver.blocksWritten();
        report(Phase.FETCHING, slot.map().rightBlocks());
    }

    private void requireComplete() throws FlipsideException {
        if (!isComplete()) {
            throw new FlipsideException(
                    FailureCode.PACK_MALFORMED,
                    "blocks.index",
                    slot.map().blocks() + " places, each once",
                    slot.map().rightBlocks() + " different places",
                    "build and publish the release again");
        }
    }

    private void readBack() throws FlipsideException {
        long[] looked = new long[1];
        ReadBack.verify(
                request.data(),
                request.tree(),
                parameters,
                rootHash,
                limits.threads(),
                blocks -> {
                    looked[0] += blocks;
                    report(Phase.READING_BACK, looked[0]);
                });
    }

    private void report(Phase phase, long doneBlocks) {
        progress.at(new Progress.Standing(phase, doneBlocks, parameters.dataBlocks(), tally()));
    }

    private StageTally tally() {
        return new StageTally(
                blocksInPlace,
                blocksReused,
                blocksFetched,
                request.source().fetchedBytes() - fetchedBefore,
                writer.writtenBytes() + tree.writtenBytes() + signatureBytes);
    }
}
