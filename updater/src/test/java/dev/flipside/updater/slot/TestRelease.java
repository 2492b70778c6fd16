package dev.flipside.updater.slot;

import dev.flipside.format.RandomAccess;
import dev.flipside.pack.DistinctBlocks;
import dev.flipside.pack.PackWriter;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.trust.FakeSource;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** A release of a random image in memory, with every artifact that staging needs. */
final class TestRelease {
    static final int BLOCK = VerityParameters.BLOCK_SIZE_BYTES;
    static final String SALT = "0123456789abcdef".repeat(4);

    final byte[] image;
    final byte[] tree;
    final byte[] pack;
    final byte[] index;
    final byte[] rootHash;
    final VerityParameters parameters;

    private TestRelease(
            byte[] image,
            byte[] tree,
            byte[] pack,
            byte[] index,
            byte[] rootHash,
            VerityParameters parameters) {
        this.image = image;
        this.tree = tree;
        this.pack = pack;
        this.index = index;
        this.rootHash = rootHash;
        this.parameters = parameters;
    }

    static TestRelease of(byte[] image) {
        return of(image, SALT);
    }

    static TestRelease of(byte[] image, String salt) {
        VerityParameters parameters =
                new VerityParameters(salt, new UUID(1, 2), image.length / BLOCK);
        byte[] tree = new byte[(int) parameters.geometry().fileSizeBytes()];
        RandomAccess data = RandomAccess.of(image);
        try {
            byte[] rootHash =
                    HashTree.build(
                            data,
                            parameters,
                            1,
                            (blocks, offset) -> blocks.get(tree, (int) offset, blocks.remaining()),
                            n -> {});
            System.arraycopy(VeritySuperblock.encode(parameters), 0, tree, 0, BLOCK);
            ByteArrayOutputStream pack = new ByteArrayOutputStream();
            ByteArrayOutputStream index = new ByteArrayOutputStream();
            PackWriter.write(
                    data,
                    DistinctBlocks.of(RandomAccess.of(tree), image.length / BLOCK),
                    1,
                    1,
                    Channels.newChannel(pack),
                    Channels.newChannel(index),
                    n -> {});
            return new TestRelease(
                    image, tree, pack.toByteArray(), index.toByteArray(), rootHash, parameters);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    TestRelease withIndex(byte[] other) {
        return new TestRelease(image, tree, pack, other, rootHash, parameters);
    }

    ReleaseManifest manifest() {
        return new ReleaseManifest(
                "edge",
                "1.0",
                Architecture.X86_64,
                1,
                Instant.EPOCH,
                new ReleaseManifest.Verity(
                        ReleaseManifest.Usage.ROOT,
                        parameters.salt(),
                        parameters.uuid().toString(),
                        HexFormat.of().formatHex(rootHash),
                        parameters.dataBlocks()),
                List.of(
                        artifact(Artifact.Role.TREE, "root.verity", tree),
                        artifact(Artifact.Role.PACK, "blocks.pack", pack),
                        artifact(Artifact.Role.INDEX, "blocks.index", index)),
                image.length,
                tree.length,
                1);
    }

    private static Artifact artifact(Artifact.Role role, String name, byte[] bytes) {
        return new Artifact(role, name, bytes.length, sha256(bytes));
    }

    /** Where a repository has the hash tree. */
    String treePath() {
        return RepositoryLayout.blob(sha256(tree));
    }

    /** Where a repository has the pack. */
    String packPath() {
        return RepositoryLayout.blob(sha256(pack));
    }

    /** A repository that has the artifacts. */
    FakeSource source() {
        return source(tree, pack, index);
    }

    /** A repository that has other bytes under the names of the artifacts. */
    FakeSource source(byte[] otherTree, byte[] otherPack, byte[] otherIndex) {
        FakeSource source = new FakeSource();
        source.put(treePath(), otherTree);
        source.put(packPath(), otherPack);
        source.put(RepositoryLayout.blob(sha256(index)), otherIndex);
        return source;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Blocks of which a third are compressible, and many are zero or equal to another. */
    static byte[] randomImage(long seed, int blocks) {
        Random random = new Random(seed);
        byte[] image = new byte[blocks * BLOCK];
        for (int block = 0; block < blocks; block++) {
            int kind = random.nextInt(10);
            if (kind == 0 || block == 0) {
                continue;
            }
            if (kind == 1) {
                System.arraycopy(image, random.nextInt(block) * BLOCK, image, block * BLOCK, BLOCK);
                continue;
            }
            byte[] bytes = new byte[kind < 5 ? 64 : BLOCK];
            random.nextBytes(bytes);
            System.arraycopy(bytes, 0, image, block * BLOCK, bytes.length);
        }
        return image;
    }

    /** The same image with some blocks moved, and some new. */
    static byte[] changed(byte[] image, long seed, int changes) {
        Random random = new Random(seed);
        int blocks = image.length / BLOCK;
        byte[] changed = image.clone();
        for (int i = 0; i < changes; i++) {
            int block = random.nextInt(blocks);
            if (random.nextBoolean()) {
                byte[] bytes = new byte[BLOCK];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, changed, block * BLOCK, BLOCK);
            } else {
                int from = random.nextInt(blocks);
                System.arraycopy(image, from * BLOCK, changed, block * BLOCK, BLOCK);
            }
        }
        // Everything behind the middle moves by one block, as after a file that has grown.
        int middle = blocks / 2 * BLOCK;
        byte[] shifted = Arrays.copyOf(changed, changed.length);
        System.arraycopy(changed, middle, shifted, middle + BLOCK, image.length - middle - BLOCK);
        return shifted;
    }

    static ByteBuffer block(byte[] image, int block) {
        return ByteBuffer.wrap(image, block * BLOCK, BLOCK).slice();
    }
}
