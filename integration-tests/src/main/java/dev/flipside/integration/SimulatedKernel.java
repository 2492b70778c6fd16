package dev.flipside.integration;

import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.boot.uki.KernelCommandLine;
import dev.flipside.boot.uki.Uki;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.TreeGeometry;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What kernel and initrd do between the loader and user space: take {@code roothash=} (or {@code
 * usrhash=}) from the UKI's command line, find the two partitions by its halves in whichever
 * partition table is valid, open them through dm-verity, and mount the EROFS image. Everything is
 * read no sooner than a kernel reads it.
 */
final class SimulatedKernel {
    private static final int ROOT_HASH_DIGITS = 64;
    private static final List<String> OS_RELEASE =
            List.of("/etc/os-release", "/usr/lib/os-release");

    private SimulatedKernel() {}

    /**
     * A root that was found, opened and mounted.
     *
     * @param data the partition under the verity device
     * @param hash the partition with its tree
     */
    record Mounted(
            Usage usage,
            String rootHash,
            Gpt gpt,
            Partition data,
            Partition hash,
            UUID verityUuid,
            ErofsRoot root) {}

    /**
     * Goes as far as systemd's switch-root.
     *
     * @throws FlipsideException when the initrd cannot go on, and waits or gives up
     */
    static Mounted open(BlockDevice disk, Uki uki) throws IOException, FlipsideException {
        KernelCommandLine commandLine = uki.commandLine();
        Usage usage = commandLine.value("usrhash").isPresent() ? Usage.USR : Usage.ROOT;
        String rootHash = rootHash(commandLine, usage);
        byte[] bytes = HexFormat.of().parseHex(rootHash);
        ByteBuffer halves = ByteBuffer.wrap(bytes);
        Gpt gpt = table(disk, commandLine);
        Partition data = partition(gpt, new UUID(halves.getLong(), halves.getLong()));
        Partition hash = partition(gpt, new UUID(halves.getLong(), halves.getLong()));

        RandomAccess tree = access(disk, gpt, hash);
        byte[] superblock = new byte[VerityParameters.BLOCK_SIZE_BYTES];
        tree.read(ByteBuffer.wrap(superblock), 0);
        VerityParameters parameters = VeritySuperblock.decode(superblock);
        requireRoom(parameters, tree, access(disk, gpt, data));
        VerifiedImage image =
                new VerifiedImage(
                        access(disk, gpt, data),
                        new HashTreeReader(tree, parameters, bytes),
                        parameters.dataBlocks(),
                        commandLine.text().contains("panic-on-corruption"));
        ErofsRoot root = new ErofsRoot(ErofsReader.open(image), usage == Usage.USR ? "/usr" : "");
        requireOperatingSystem(root);
        return new Mounted(usage, rootHash, gpt, data, hash, parameters.uuid(), root);
    }

    /**
     * Whether the UKI's initrds end with the one that reboots when the root does not open; a stock
     * initrd would wait for ever.
     */
    static boolean givesUp(Uki uki) throws IOException {
        Optional<RandomAccess> initrd = uki.section(".initrd");
        byte[] expected = stripped(GiveUpInitrd.bytes());
        // Padding may follow, up to the alignment of initrds.
        int lengthBytes =
                (int)
                        Math.min(
                                initrd.map(RandomAccess::sizeBytes).orElse(0L),
                                expected.length + 512L);
        if (lengthBytes < expected.length) {
            return false;
        }
        byte[] end = new byte[lengthBytes];
        initrd.get().read(ByteBuffer.wrap(end), initrd.get().sizeBytes() - lengthBytes);
        byte[] content = stripped(end);
        return content.length >= expected.length
                && Arrays.equals(
                        expected,
                        Arrays.copyOfRange(
                                content, content.length - expected.length, content.length));
    }

    private static byte[] stripped(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(bytes, length);
    }

    private static String rootHash(KernelCommandLine commandLine, Usage usage)
            throws FlipsideException {
        String key = usage == Usage.USR ? "usrhash" : "roothash";
        String value = commandLine.value(key).orElse("");
        if (value.length() != ROOT_HASH_DIGITS || !value.matches("[0-9a-f]+")) {
            throw cannotOpen(key + "= with 64 hex digits on the command line", "'" + value + "'");
        }
        return value;
    }

    /** Linux takes the backup only when it is told to. */
    private static Gpt table(BlockDevice disk, KernelCommandLine commandLine)
            throws IOException, FlipsideException {
        GptOnDisk table = Gpt.read(disk);
        if (!table.primaryValid() && !commandLine.has("gpt")) {
            throw cannotOpen("a primary partition table, or 'gpt' on the command line", "neither");
        }
        return table.gpt();
    }

    private static Partition partition(Gpt gpt, UUID uuid) throws FlipsideException {
        List<Partition> found =
                gpt.partitions().stream().filter(it -> it.uuid().equals(uuid)).toList();
        if (found.size() != 1) {
            throw cannotOpen("one partition with UUID " + uuid, found.size() + " of them");
        }
        return found.getFirst();
    }

    private static RandomAccess access(BlockDevice disk, Gpt gpt, Partition partition) {
        int sectorSizeBytes = gpt.sectorSizeBytes();
        PartitionDevice device =
                new PartitionDevice(
                        disk,
                        partition.offsetBytes(sectorSizeBytes),
                        partition.sizeBytes(sectorSizeBytes));
        return new RandomAccess() {
            @Override
            public long sizeBytes() {
                return device.sizeBytes();
            }

            @Override
            public void read(ByteBuffer destination, long offsetBytes) throws IOException {
                device.read(destination, offsetBytes);
            }
        };
    }

    private static void requireRoom(
            VerityParameters parameters, RandomAccess tree, RandomAccess data)
            throws FlipsideException {
        TreeGeometry geometry = parameters.geometry();
        long dataBlocks = data.sizeBytes() / VerityParameters.BLOCK_SIZE_BYTES;
        long treeBytes =
                geometry.levels() == 0
                        ? VerityParameters.BLOCK_SIZE_BYTES
                        : geometry.levelOffsetBytes(0)
                                + geometry.blocksOnLevel(0) * VerityParameters.BLOCK_SIZE_BYTES;
        if (parameters.dataBlocks() > dataBlocks || treeBytes > tree.sizeBytes()) {
            throw cannotOpen("a verity device within its partitions", "a larger one");
        }
    }

    private static void requireOperatingSystem(ErofsRoot root)
            throws IOException, FlipsideException {
        for (String path : OS_RELEASE) {
            if (root.find(path).isPresent()) {
                return;
            }
        }
        throw cannotOpen("an os-release in the mounted root", "none");
    }

    private static FlipsideException cannotOpen(String expected, String found) {
        return new FlipsideException(
                FailureCode.SLOT_UNKNOWN,
                "root file system",
                expected,
                found,
                "build the release again");
    }
}
