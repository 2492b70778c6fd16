package dev.flipside.builder.diff;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.ReleaseFacts;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.BlockMap;
import dev.flipside.pack.FrameBatches;
import dev.flipside.pack.GapBudget;
import dev.flipside.pack.PackFrame;
import dev.flipside.pack.PackIndexReader;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.verity.BlockDigest;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Optional;

/**
 * Foretells what a host fetches that runs one release, and stages another into a slot that is
 * empty, as it is on a disk that {@code flipside-image disk} wrote. A slot that held something
 * before can only make it less.
 *
 * <p>It takes the steps of the host's staging, with the host's own choice of blocks and ranges, but
 * over hash trees alone: neither image is read.
 */
final class Forecast {
    private final Tree from;
    private final Tree to;
    private final BlockMap map;
    private final BlockCosts costs;
    private final byte[] digest = new byte[DIGEST_SIZE_BYTES];
    private final byte[] oldDigest = new byte[DIGEST_SIZE_BYTES];
    private long inPlace;
    private long reused;

    private Forecast(Tree from, Tree to) {
        this.from = from;
        this.to = to;
        int blocks = Math.toIntExact(to.geometry().dataBlocks());
        this.map = new BlockMap(blocks);
        this.costs = new BlockCosts(blocks);
    }

    /** The hash tree of a release. */
    private record Tree(VerityParameters parameters, HashTreeReader reader) {
        static Tree of(ReleaseManifest manifest, FileChannel file) throws IOException {
            VerityParameters parameters = ReleaseFacts.parameters(manifest);
            return new Tree(
                    parameters,
                    new HashTreeReader(
                            RandomAccess.of(file), parameters, manifest.verity().rootHashBytes()));
        }

        TreeGeometry geometry() {
            return parameters.geometry();
        }
    }

    /** What is fetched, and for which blocks of the new image. */
    record Foretold(FetchCost cost, BlockCosts costs) {}

    static Foretold of(ReleaseFolder from, ReleaseFolder to) throws IOException, FlipsideException {
        try (FileChannel oldTree = from.open(from.artifact(Artifact.Role.TREE));
                FileChannel newTree = to.open(to.artifact(Artifact.Role.TREE))) {
            return new Forecast(Tree.of(from.manifest(), oldTree), Tree.of(to.manifest(), newTree))
                    .run(to);
        }
    }

    private Foretold run(ReleaseFolder release) throws IOException, FlipsideException {
        Artifact index = release.artifact(Artifact.Role.INDEX);
        Artifact pack = release.artifact(Artifact.Role.PACK);
        TreeForecast tree = treeForecast();
        markZeros();
        long zeros = map.rightBlocks();
        long indexBytes = 0;
        Ranges ranges = new Ranges();
        if (map.rightBlocks() < map.blocks()) {
            indexBytes = index.sizeBytes();
            byte[] bytes = read(release, index);
            reuse(reader(bytes, pack));
            ranges.count(reader(bytes, pack));
        }
        Artifact uki = release.artifact(Artifact.Role.UKI);
        long ukiBytes = uki.sizeBytes() - imageBytes(uki);
        FetchCost cost =
                new FetchCost(
                        tree.bytes(),
                        indexBytes,
                        ranges.neededBytes,
                        ranges.gapBytes,
                        ukiBytes,
                        tree.requests()
                                + (indexBytes > 0 ? 1 : 0)
                                + ranges.requests
                                + ukiRequests(uki),
                        map.blocks(),
                        inPlace,
                        zeros,
                        reused,
                        map.blocks() - zeros - reused,
                        wholeTreeBytes() + index.sizeBytes() + pack.sizeBytes() + ukiBytes);
        return new Foretold(cost, costs);
    }

    /** A digest of the old tree is one of the new tree's only where the salts are the same. */
    private boolean isComparable() {
        return from.parameters().salt().equals(to.parameters().salt())
                && from.parameters().dataBlocks() > 1;
    }

    private TreeForecast treeForecast() throws IOException, FlipsideException {
        Optional<HeldBlocks> held =
                isComparable()
                        ? Optional.of(HeldBlocks.ofTree(from.reader(), from.geometry()))
                        : Optional.empty();
        return TreeForecast.of(to.reader(), to.geometry(), held);
    }

    /** All but the superblock, which a host makes from the manifest. */
    private long wholeTreeBytes() {
        return to.geometry().fileSizeBytes() - BLOCK_SIZE_BYTES;
    }

    private static long imageBytes(Artifact uki) {
        return uki.fromImage().stream().mapToLong(ImagePart::sizeBytes).sum();
    }

    /** The ranges before, between and after what the image holds of the UKI. */
    private static int ukiRequests(Artifact uki) {
        int requests = 0;
        long position = 0;
        for (ImagePart part : uki.fromImage()) {
            requests += position < part.offsetBytes() ? 1 : 0;
            position = part.offsetBytes() + part.sizeBytes();
        }
        return requests + (position < uki.sizeBytes() ? 1 : 0);
    }

    /** Marks the blocks that an empty slot holds, and counts those that do not move. */
    private void markZeros() throws IOException, FlipsideException {
        byte[] zeros =
                new BlockDigest(to.parameters().saltBytes()).digest(new byte[BLOCK_SIZE_BYTES]);
        long oldBlocks = isComparable() ? from.geometry().dataBlocks() : 0;
        for (int block = 0; block < map.blocks(); block++) {
            to.reader().digest(block, digest, 0);
            if (Arrays.equals(digest, zeros)) {
                map.markRight(block);
            } else if (block < oldBlocks) {
                from.reader().digest(block, oldDigest, 0);
                inPlace += Arrays.equals(digest, oldDigest) ? 1 : 0;
            }
        }
    }

    private void reuse(PackIndexReader index) throws IOException, FlipsideException {
        Optional<HeldBlocks> held =
                isComparable()
                        ? Optional.of(HeldBlocks.ofImage(from.reader(), from.geometry()))
                        : Optional.empty();
        for (Optional<PackFrame> next = index.next(); next.isPresent(); next = index.next()) {
            PackFrame frame = next.get();
            for (int block = 0; block < frame.blocks(); block++) {
                int missing = map.firstMissing(frame, block);
                if (missing >= 0 && isAtHand(frame, block, missing, held)) {
                    reused += fill(frame, block);
                }
            }
        }
    }

    private boolean isAtHand(PackFrame frame, int block, int missing, Optional<HeldBlocks> held)
            throws IOException, FlipsideException {
        if (map.firstRight(frame, block) >= 0) {
            return true;
        }
        to.reader().digest(missing, digest, 0);
        return held.isPresent() && held.get().has(digest);
    }

    private int fill(PackFrame frame, int block) {
        int filled = 0;
        for (int i = 0; i < frame.placesOf(block); i++) {
            filled += map.isRight(frame.place(block, i)) ? 0 : 1;
            map.markRight(frame.place(block, i));
        }
        return filled;
    }

    /** The ranges that the host asks for. */
    private final class Ranges {
        private long neededBytes;
        private long gapBytes;
        private int requests;

        void count(PackIndexReader index) throws FlipsideException {
            FrameBatches batches =
                    new FrameBatches(
                            index,
                            map::needs,
                            new GapBudget(
                                    GapBudget.USUAL_REQUEST_BYTES, GapBudget.USUAL_GAP_BYTES));
            for (Optional<FrameBatches.Batch> next = batches.next();
                    next.isPresent();
                    next = batches.next()) {
                long frames = 0;
                for (PackFrame frame : next.get().frames()) {
                    frames += frame.sizeBytes();
                    share(frame);
                }
                neededBytes += frames;
                gapBytes += next.get().lengthBytes() - frames;
                requests++;
            }
        }
    }

    private void share(PackFrame frame) {
        int missing = 0;
        for (int block = 0; block < frame.blocks(); block++) {
            missing += map.firstMissing(frame, block) < 0 ? 0 : 1;
        }
        int left = frame.sizeBytes();
        for (int block = 0; block < frame.blocks(); block++) {
            int place = map.firstMissing(frame, block);
            if (place >= 0) {
                int part = left / missing;
                costs.add(place, part);
                left -= part;
                missing--;
            }
        }
    }

    private PackIndexReader reader(byte[] index, Artifact pack)
            throws IOException, FlipsideException {
        return new PackIndexReader(new ByteArrayInputStream(index), map.blocks(), pack.sizeBytes());
    }

    private static byte[] read(ReleaseFolder release, Artifact index)
            throws IOException, FlipsideException {
        try (FileChannel file = release.open(index)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(index.sizeBytes()));
            RandomAccess.of(file).read(bytes, 0);
            return bytes.array();
        }
    }
}
