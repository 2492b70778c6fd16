package dev.flipside.builder.diff;

import static dev.flipside.verity.VerityParameters.BLOCK_SIZE_BYTES;
import static dev.flipside.verity.VerityParameters.DIGEST_SIZE_BYTES;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.ReleaseFacts;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.BlockLookup;
import dev.flipside.pack.BlockMap;
import dev.flipside.pack.FrameBatches;
import dev.flipside.pack.PackFrame;
import dev.flipside.pack.PackIndexReader;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.verity.BlockDigest;
import dev.flipside.verity.HashTreeReader;
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
    /** As the host's: enough for every image that the builder makes. */
    private static final int LOOKUP_BYTES = 32 << 20;

    private final ReleaseManifest target;
    private final HashTreeReader tree;
    private final Optional<Held> held;
    private final BlockMap map;
    private final BlockCosts costs;
    private final byte[] digest = new byte[DIGEST_SIZE_BYTES];
    private long reused;

    private Forecast(ReleaseManifest target, RandomAccess tree, Optional<Held> held) {
        this.target = target;
        this.tree =
                new HashTreeReader(
                        tree, ReleaseFacts.parameters(target), target.verity().rootHashBytes());
        this.held = held;
        int blocks = Math.toIntExact(target.verity().dataBlocks());
        this.map = new BlockMap(blocks);
        this.costs = new BlockCosts(blocks);
    }

    /** What is fetched, and for which blocks of the new image. */
    record Foretold(FetchCost cost, BlockCosts costs) {}

    static Foretold of(ReleaseFolder from, ReleaseFolder to) throws IOException, FlipsideException {
        try (FileChannel oldTree = from.open(from.artifact(Artifact.Role.TREE));
                FileChannel newTree = to.open(to.artifact(Artifact.Role.TREE))) {
            Optional<Held> held = Held.of(from.manifest(), RandomAccess.of(oldTree), to.manifest());
            return new Forecast(to.manifest(), RandomAccess.of(newTree), held).run(to);
        }
    }

    private Foretold run(ReleaseFolder to) throws IOException, FlipsideException {
        Artifact index = to.artifact(Artifact.Role.INDEX);
        Artifact pack = to.artifact(Artifact.Role.PACK);
        markZeros();
        long inPlace = map.rightBlocks();
        long indexBytes = 0;
        Ranges ranges = new Ranges();
        if (map.rightBlocks() < map.blocks()) {
            indexBytes = index.sizeBytes();
            byte[] bytes = read(to, index);
            reuse(reader(bytes, pack));
            ranges.count(reader(bytes, pack));
        }
        long treeBytes = to.artifact(Artifact.Role.TREE).sizeBytes();
        Artifact uki = to.artifact(Artifact.Role.UKI);
        long ukiBytes = uki.sizeBytes() - imageBytes(uki);
        FetchCost cost =
                new FetchCost(
                        treeBytes,
                        indexBytes,
                        ranges.neededBytes,
                        ranges.gapBytes,
                        ukiBytes,
                        1 + (indexBytes > 0 ? 1 : 0) + ranges.requests + ukiRequests(uki),
                        map.blocks(),
                        inPlace,
                        reused,
                        map.blocks() - inPlace - reused,
                        treeBytes + index.sizeBytes() + pack.sizeBytes() + ukiBytes);
        return new Foretold(cost, costs);
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

    /** The blocks that an empty slot holds: those of zeros. */
    private void markZeros() throws IOException, FlipsideException {
        byte[] zeros =
                new BlockDigest(target.verity().saltBytes()).digest(new byte[BLOCK_SIZE_BYTES]);
        for (int block = 0; block < map.blocks(); block++) {
            tree.digest(block, digest, 0);
            if (Arrays.equals(digest, zeros)) {
                map.markRight(block);
            }
        }
    }

    private void reuse(PackIndexReader index) throws IOException, FlipsideException {
        for (Optional<PackFrame> next = index.next(); next.isPresent(); next = index.next()) {
            PackFrame frame = next.get();
            for (int block = 0; block < frame.blocks(); block++) {
                int missing = map.firstMissing(frame, block);
                if (missing >= 0 && isAtHand(frame, block, missing)) {
                    reused += fill(frame, block);
                }
            }
        }
    }

    private boolean isAtHand(PackFrame frame, int block, int missing)
            throws IOException, FlipsideException {
        if (map.firstRight(frame, block) >= 0) {
            return true;
        }
        tree.digest(missing, digest, 0);
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
                            FrameBatches.USUAL_REQUEST_BYTES,
                            FrameBatches.USUAL_GAP_BYTES);
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

    /** The blocks of the booted slot by their digests. */
    private static final class Held {
        private final HashTreeReader tree;
        private final BlockLookup lookup;
        private final byte[] found = new byte[DIGEST_SIZE_BYTES];

        private Held(HashTreeReader tree, int blocks) {
            this.tree = tree;
            this.lookup = new BlockLookup(blocks, LOOKUP_BYTES);
        }

        /** Empty when the salts differ, as then no block has the digest that it had. */
        static Optional<Held> of(ReleaseManifest from, RandomAccess tree, ReleaseManifest to)
                throws IOException, FlipsideException {
            VerityParameters parameters = ReleaseFacts.parameters(from);
            if (!parameters.salt().equals(to.verity().salt()) || parameters.dataBlocks() < 2) {
                return Optional.empty();
            }
            int blocks = Math.toIntExact(parameters.dataBlocks());
            Held held =
                    new Held(
                            new HashTreeReader(tree, parameters, from.verity().rootHashBytes()),
                            blocks);
            byte[] digest = new byte[DIGEST_SIZE_BYTES];
            for (int block = 0; block < blocks; block++) {
                held.tree.digest(block, digest, 0);
                held.lookup.add(digest, 0, block, other -> held.isAt(other, digest));
            }
            return Optional.of(held);
        }

        boolean has(byte[] digest) {
            return lookup.find(digest, block -> isAt(block, digest)) >= 0;
        }

        private boolean isAt(int block, byte[] digest) {
            try {
                tree.digest(block, found, 0);
            } catch (IOException | FlipsideException e) {
                // All of the tree was read and checked when the lookup was filled.
                throw new IllegalStateException(e);
            }
            return Arrays.equals(found, digest);
        }
    }
}
