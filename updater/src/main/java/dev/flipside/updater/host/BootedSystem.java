package dev.flipside.updater.host;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What kernel and loader say about the system that runs: the partitions under its root, and the
 * entry that booted it. Labels and UUIDs play no part.
 *
 * @param bootId differs in each boot
 * @param partitions what the mounted root, or {@code /usr}, stands on
 * @param sequence of the entry of ours that was booted; empty when it was none of ours
 * @param counted whether this boot used up a try
 * @param defaultEntry an entry that the loader boots before any newer one
 * @param machineId of {@code /etc/machine-id}, if the host has one
 * @param varInMemory whether {@code /var} is a temporary one
 */
public record BootedSystem(
        String bootId,
        List<PartitionExtent> partitions,
        OptionalLong sequence,
        boolean counted,
        Optional<String> defaultEntry,
        Optional<String> machineId,
        boolean varInMemory) {
    /** The kernel counts in these whatever the disk's sectors are. */
    private static final long UNIT_BYTES = 512;

    private static final int MAX_DEPTH = 4;
    private static final String MOUNTS = "proc/self/mountinfo";
    private static final String DEVICES = "sys/dev/block/";
    private static final String VERITY_PREFIX = "CRYPT-VERITY-";

    public BootedSystem {
        Objects.requireNonNull(bootId);
        Objects.requireNonNull(sequence);
        Objects.requireNonNull(defaultEntry);
        Objects.requireNonNull(machineId);
        partitions = List.copyOf(partitions);
    }

    /**
     * Where a partition is.
     *
     * @param disk the kernel's name of its disk, as {@code vda}
     */
    public record PartitionExtent(String disk, long startBytes, long sizeBytes) {}

    /**
     * Reads it from {@code proc} and {@code sys} in a folder.
     *
     * @throws FlipsideException {@code slot-unknown} when the root does not stand on partitions
     */
    public static BootedSystem read(Path systemRoot) throws FlipsideException {
        SystemFiles files = new SystemFiles(systemRoot);
        try {
            LoaderVariables loader = LoaderVariables.read(files);
            MountTable mounts = MountTable.parse(text(files, MOUNTS));
            return new BootedSystem(
                    text(files, "proc/sys/kernel/random/boot_id"),
                    partitions(files, mounts),
                    loader.sequence(),
                    loader.countPath().isPresent(),
                    loader.defaultEntry(),
                    machineId(files),
                    mounts.isInMemory("/var"));
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.SLOT_UNKNOWN,
                            "the booted slot",
                            "to be told by %s and %s"
                                    .formatted(
                                            systemRoot.resolve("proc"), systemRoot.resolve("sys")),
                            e.toString(),
                            "check '[host] system-root'"),
                    e);
        }
    }

    // "uninitialized", and other things than an identity, are none (machine-id(5)).
    private static Optional<String> machineId(SystemFiles files) throws IOException {
        return files.read("etc/machine-id")
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                .filter(id -> id.matches("[0-9a-f]{32}"));
    }

    private static List<PartitionExtent> partitions(SystemFiles files, MountTable mounts)
            throws IOException, FlipsideException {
        Optional<String> usr = mounts.deviceAt("/usr");
        if (usr.isPresent() && isVerity(files, DEVICES + usr.get())) {
            return under(files, DEVICES + usr.get(), MAX_DEPTH);
        }
        Optional<String> root = mounts.deviceAt("/");
        if (root.isEmpty()) {
            throw unknown("a device mounted at /", "none");
        }
        return under(files, DEVICES + root.get(), MAX_DEPTH);
    }

    private static boolean isVerity(SystemFiles files, String device) throws IOException {
        return files.read(device + "/dm/uuid")
                .map(uuid -> new String(uuid, StandardCharsets.US_ASCII))
                .filter(uuid -> uuid.startsWith(VERITY_PREFIX))
                .isPresent();
    }

    private static List<PartitionExtent> under(SystemFiles files, String device, int depth)
            throws IOException, FlipsideException {
        if (!files.isFolder(device) || depth == 0) {
            throw unknown("partitions under the mounted root", "/" + device);
        }
        if (files.read(device + "/partition").isPresent()) {
            return List.of(
                    new PartitionExtent(
                            files.nameOfParent(device),
                            number(files, device + "/start") * UNIT_BYTES,
                            number(files, device + "/size") * UNIT_BYTES));
        }
        List<PartitionExtent> partitions = new ArrayList<>();
        for (String slave : files.list(device + "/slaves")) {
            partitions.addAll(under(files, device + "/slaves/" + slave, depth - 1));
        }
        if (partitions.isEmpty()) {
            throw unknown("partitions under the mounted root", "none under /" + device);
        }
        return partitions;
    }

    private static long number(SystemFiles files, String path)
            throws IOException, FlipsideException {
        String text = text(files, path);
        if (!text.matches("[0-9]{1,15}")) {
            throw unknown("a number in /" + path, "'%s'".formatted(text));
        }
        return Long.parseLong(text);
    }

    private static String text(SystemFiles files, String path)
            throws IOException, FlipsideException {
        byte[] bytes = files.read(path).orElseThrow(() -> unknown("a file /" + path, "none"));
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    private static FlipsideException unknown(String expected, String found) {
        return new FlipsideException(
                FailureCode.SLOT_UNKNOWN,
                "the booted slot",
                expected,
                found,
                "check '[host] system-root', and that the host was installed from a disk image");
    }
}
