package dev.flipside.updater.coordinator;

import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.boot.uki.Uki;
import dev.flipside.boot.uki.UkiContents;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.updater.health.RootView;
import dev.flipside.updater.lifecycle.Candidate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A release whose image is a few sectors that name it and hold its kernel, and whose root hash is
 * their digest.
 *
 * @param healthy whether it has the file that its check asks for
 */
public record TestRelease(
        String version, int securityVersion, boolean healthy, ByteString uki, ImagePart kernel) {
    private static final int DATA_SECTORS = 8;
    private static final int KERNEL_OFFSET_BYTES = 1000;
    private static final String CHECK =
            "[[check]]\nname = \"ready\"\ntype = \"file\"\npath = \"/ready\"\n";

    public static TestRelease of(String version, int securityVersion, boolean healthy) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            RandomAccess kernel = RandomAccess.of(kernel(version));
            List<Uki.Placement> placements =
                    Uki.write(
                            RandomAccess.of(TestingPe.stub()),
                            new UkiContents(
                                    "VERSION_ID=" + version + "\n",
                                    "roothash=" + hex(image(version)) + " gpt",
                                    "6.12",
                                    kernel,
                                    List.of(RandomAccess.of(new byte[] {1}))),
                            Channels.newChannel(out));
            Uki.Placement inUki =
                    placements.stream()
                            .filter(it -> it.source().equals(kernel))
                            .findFirst()
                            .orElseThrow();
            return new TestRelease(
                    version,
                    securityVersion,
                    healthy,
                    ByteString.of(out.toByteArray()),
                    new ImagePart(inUki.offsetBytes(), KERNEL_OFFSET_BYTES, inUki.sizeBytes()));
        } catch (IOException | FlipsideException e) {
            throw new IllegalStateException(e);
        }
    }

    String rootHash() {
        return hex(image(version));
    }

    byte[] rootHashBytes() {
        return HexFormat.of().parseHex(rootHash());
    }

    String ukiDigest() {
        return hex(uki.toByteArray());
    }

    Candidate.Found candidate() {
        return new Candidate.Found(
                new ReleaseManifest(
                        "demo",
                        version,
                        Architecture.X86_64,
                        securityVersion,
                        Instant.EPOCH,
                        new ReleaseManifest.Verity(
                                Usage.ROOT,
                                "",
                                "00000000-0000-0000-0000-000000000000",
                                rootHash(),
                                1),
                        List.of(
                                new Artifact(
                                        Artifact.Role.UKI,
                                        "demo.efi",
                                        uki.length(),
                                        ukiDigest(),
                                        List.of(kernel))),
                        4096,
                        4096,
                        1),
                hex(("manifest of " + version).getBytes(StandardCharsets.UTF_8)));
    }

    /** As staging does: the tree, the blocks, a flush, and the superblock last. */
    void writeTo(BlockDevice disk, Slot slot, int sectorBytes) throws IOException {
        byte[] image = image(version);
        long data = slot.data().offsetBytes(sectorBytes);
        long hash = slot.hash().offsetBytes(sectorBytes);
        disk.write(SmallHost.sector(new byte[0]), hash);
        disk.flush();
        for (int i = 0; i < DATA_SECTORS; i++) {
            disk.write(
                    ByteBuffer.wrap(image, i * sectorBytes, sectorBytes),
                    data + (long) i * sectorBytes);
        }
        disk.flush();
        disk.write(SmallHost.sector(rootHashBytes()), hash);
        disk.flush();
    }

    boolean isIn(BlockDevice disk, Slot slot, int sectorBytes) throws IOException {
        ByteBuffer image = ByteBuffer.allocate(DATA_SECTORS * sectorBytes);
        disk.read(image, slot.data().offsetBytes(sectorBytes));
        ByteBuffer superblock = ByteBuffer.allocate(sectorBytes);
        disk.read(superblock, slot.hash().offsetBytes(sectorBytes));
        return Arrays.equals(image.array(), image(version))
                && superblock.flip().equals(SmallHost.sector(rootHashBytes()));
    }

    RootView root() {
        return new RootView() {
            @Override
            public List<String> list(String folder) {
                return folder.equals("/health.d") ? List.of("ready.toml") : List.of();
            }

            @Override
            public Optional<Entry> find(String path) {
                return path.equals("/ready") && healthy
                        ? Optional.of(new Entry(Kind.FILE, 0))
                        : Optional.empty();
            }

            @Override
            public InputStream open(String path) {
                return new ByteArrayInputStream(CHECK.getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private static byte[] image(String version) {
        byte[] image = new byte[DATA_SECTORS * SmallHost.SECTOR_BYTES];
        byte[] name = ("image of " + version + ";").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < image.length; i++) {
            image[i] = name[i % name.length];
        }
        byte[] kernel = kernel(version);
        System.arraycopy(kernel, 0, image, KERNEL_OFFSET_BYTES, kernel.length);
        return image;
    }

    private static byte[] kernel(String version) {
        return TestingPe.kernel(version.hashCode());
    }

    private static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
