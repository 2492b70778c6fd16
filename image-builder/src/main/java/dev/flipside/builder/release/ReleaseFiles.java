package dev.flipside.builder.release;

import dev.flipside.boot.uki.Uki;
import dev.flipside.boot.uki.UkiContents;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.rootfs.ErofsImage;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.secureboot.EfiSignature;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.DistinctBlocks;
import dev.flipside.pack.PackWriter;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Writes the files of a release, each into a folder that nobody else sees yet, and says what it
 * wrote. The order is image with its tree, UKI, pack; each reads those before it through the page
 * cache.
 */
final class ReleaseFiles {
    static final String PACK = "blocks.pack";
    static final String INDEX = "blocks.index";

    private static final int COPY_BYTES = 1 << 20;

    private final Path folder;
    private final Usage usage;
    private final int threads;
    private final BuildProgress progress;

    ReleaseFiles(Path folder, Usage usage, int threads, BuildProgress progress) {
        this.folder = folder;
        this.usage = usage;
        this.threads = threads;
        this.progress = progress;
    }

    /** An image and a hash tree that were written, and the root hash in hex. */
    record ImageAndTree(Artifact image, Artifact tree, String rootHash) {}

    /** A block pack that was written. */
    record Pack(Artifact pack, Artifact index) {}

    String imageName() {
        return usage.code() + ".img";
    }

    private String treeName() {
        return usage.code() + ".verity";
    }

    ImageAndTree image(RootFileSystem rootfs, ErofsLayout layout, VerityParameters parameters)
            throws IOException, FlipsideException {
        try (FileChannel image = createForBoth(imageName());
                FileChannel tree = create(treeName())) {
            writeAll(tree, ByteBuffer.wrap(VeritySuperblock.encode(parameters)), 0);
            HashedImage hashed =
                    HashedImage.write(
                            rootfs,
                            layout,
                            parameters,
                            image,
                            (blocks, offset) -> writeAll(tree, blocks, offset),
                            threads,
                            progress);
            return new ImageAndTree(
                    new Artifact(
                            Artifact.Role.IMAGE, imageName(), layout.sizeBytes(), hashed.sha256()),
                    describe(Artifact.Role.TREE, treeName()),
                    hashed.rootHash());
        }
    }

    /** An image alone, which is no part of the release. */
    void plainImage(RootFileSystem rootfs, ErofsLayout layout, Path file)
            throws IOException, FlipsideException {
        try (BuildProgress.Step step = progress.begin("image", layout.sizeBytes());
                FileChannel image = create(file.getFileName().toString())) {
            ErofsImage.write(rootfs, layout, new CountingChannel(image, step::advance));
        }
    }

    /** The hash tree of an image that another program wrote. */
    ImageAndTree tree(RandomAccess image, VerityParameters parameters)
            throws IOException, FlipsideException {
        byte[] rootHash;
        try (BuildProgress.Step step = progress.begin("hash tree", parameters.dataBlocks());
                FileChannel tree = create(treeName())) {
            writeAll(tree, ByteBuffer.wrap(VeritySuperblock.encode(parameters)), 0);
            rootHash =
                    HashTree.build(
                            image,
                            parameters,
                            threads,
                            (blocks, offset) -> writeAll(tree, blocks, offset),
                            step::advance);
        }
        return new ImageAndTree(
                describe(Artifact.Role.IMAGE, imageName()),
                describe(Artifact.Role.TREE, treeName()),
                HexFormat.of().formatHex(rootHash));
    }

    Pack pack(RandomAccess image, RandomAccess tree, int level) throws IOException {
        int imageBlocks = Math.toIntExact(image.sizeBytes() / VerityParameters.BLOCK_SIZE_BYTES);
        DistinctBlocks blocks = DistinctBlocks.of(tree, imageBlocks);
        try (BuildProgress.Step step = progress.begin("block pack", blocks.count());
                DigestingChannel pack = new DigestingChannel(create(PACK));
                DigestingChannel index = new DigestingChannel(create(INDEX))) {
            PackWriter.write(image, blocks, level, threads, pack, index, step::advance);
            return new Pack(
                    pack.artifact(Artifact.Role.PACK, PACK),
                    index.artifact(Artifact.Role.INDEX, INDEX));
        }
    }

    Artifact uki(
            String name,
            RandomAccess stub,
            UkiContents contents,
            ImageParts image,
            Optional<SigningIdentity> signer)
            throws IOException, FlipsideException {
        List<Uki.Placement> placements;
        Artifact whole;
        try (DigestingChannel out = new DigestingChannel(create(name))) {
            placements = Uki.write(stub, contents, out);
            whole = out.artifact(Artifact.Role.UKI, name);
        }
        if (signer.isPresent()) {
            whole = signed(whole, signer.get());
        }
        try (FileChannel file = FileChannel.open(path(name))) {
            return new Artifact(
                    whole.role(),
                    whole.name(),
                    whole.sizeBytes(),
                    whole.sha256(),
                    image.in(RandomAccess.of(file), placements));
        }
    }

    private Artifact signed(Artifact uki, SigningIdentity signer)
            throws IOException, FlipsideException {
        try (FileChannel file =
                FileChannel.open(
                        path(uki.name()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            EfiSignature.sign(file, signer, uki.name());
        }
        return describe(uki.role(), uki.name());
    }

    /** A small file that the manifest names, too. */
    Artifact document(Artifact.Role role, String name, byte[] bytes) throws IOException {
        whole(name, bytes);
        return describe(role, name);
    }

    void whole(String name, byte[] bytes) throws IOException {
        try (FileChannel out = create(name)) {
            writeAll(out, ByteBuffer.wrap(bytes), 0);
        }
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    private FileChannel create(String name) throws IOException {
        return FileChannel.open(
                folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private FileChannel createForBoth(String name) throws IOException {
        return FileChannel.open(
                folder.resolve(name),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    /** The digest of a file that was not written from its beginning to its end. */
    private Artifact describe(Artifact.Role role, String name) throws IOException {
        try (FileChannel in = FileChannel.open(folder.resolve(name));
                DigestingChannel digest = new DigestingChannel(new Nowhere())) {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            while (in.read(buffer) >= 0) {
                digest.write(buffer.flip());
                buffer.clear();
            }
            return digest.artifact(role, name);
        }
    }

    private static void writeAll(FileChannel out, ByteBuffer bytes, long offsetBytes)
            throws IOException {
        long at = offsetBytes;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }

    /** Takes everything and keeps nothing. */
    private record Nowhere() implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
