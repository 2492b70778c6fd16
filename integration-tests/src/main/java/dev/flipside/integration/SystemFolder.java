package dev.flipside.integration;

import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The folder that stands for {@code /} on a file-backed host, with what kernel and loader tell
 * there in {@code proc} and {@code sys}, in their formats. It is made anew by each boot, and says
 * nothing while the machine is off.
 */
final class SystemFolder {
    /** The root metadata that the release brings along. */
    static final String ROOT_JSON = "/usr/lib/flipside/root.json";

    private static final String DEVICE = "254:0";
    private static final String DISK = "vda";
    private static final long KERNEL_SECTOR_BYTES = 512;
    private static final String EFI_VARIABLES = "sys/firmware/efi/efivars/";
    private static final String LOADER_VENDOR = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    /** EFI_VARIABLE_BOOTSERVICE_ACCESS and EFI_VARIABLE_RUNTIME_ACCESS (UEFI 2.10, 8.2). */
    private static final int VOLATILE = 6;

    private final Path folder;

    SystemFolder(Path folder) {
        this.folder = folder;
    }

    Path path() {
        return folder;
    }

    /** The machine goes down: nothing of the last boot is left. */
    void clear() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                            throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** What the kernel shows of the mounted root. */
    void show(SimulatedKernel.Mounted mounted, String bootId) throws IOException {
        write("proc/sys/kernel/random/boot_id", bootId + "\n");
        write("etc/machine-id", machineId() + "\n");
        write("proc/self/mountinfo", mountInfo(mounted.usage()));
        String mapper = "sys/devices/virtual/block/dm-0/";
        String name = mounted.usage() == Usage.USR ? "usr" : "root";
        write(mapper + "dm/name", name + "\n");
        write(
                mapper + "dm/uuid",
                "CRYPT-VERITY-%s-%s\n".formatted(hex(mounted.verityUuid()), name));
        link("sys/dev/block/" + DEVICE, "sys/devices/virtual/block/dm-0");
        showPartition(mounted.gpt(), mounted.data());
        showPartition(mounted.gpt(), mounted.hash());
    }

    // Of its name, so that the same hosts are the first ones in every run.
    private String machineId() {
        String name = String.valueOf(folder.toAbsolutePath().getParent().getFileName());
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    }

    /** What the loader says in its volatile variables: which entry it has started, and counted. */
    void showLoader(String entryId, Optional<String> countedFileName) throws IOException {
        writeVariable("LoaderEntrySelected", entryId);
        if (countedFileName.isPresent()) {
            writeVariable("LoaderBootCountPath", "\\loader\\entries\\" + countedFileName.get());
        }
    }

    /** A file of the root that the host's programs read by its path. */
    void copy(String path, byte[] bytes, Instant modified) throws IOException {
        Path file = folder.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }

    private static String mountInfo(Usage usage) {
        return switch (usage) {
            case ROOT ->
                    """
                    21 1 254:0 / / ro,relatime shared:1 - erofs /dev/mapper/root ro
                    23 21 252:6 / /var rw,relatime shared:3 - ext4 /dev/vda6 rw
                    """;
            case USR ->
                    """
                    21 1 0:25 / / rw,relatime shared:1 - tmpfs tmpfs rw
                    22 21 254:0 / /usr ro,relatime shared:2 - erofs /dev/mapper/usr ro
                    23 21 252:6 / /var rw,relatime shared:3 - ext4 /dev/vda6 rw
                    """;
        };
    }

    private void showPartition(Gpt gpt, Partition partition) throws IOException {
        int sectorSizeBytes = gpt.sectorSizeBytes();
        String name = DISK + partition.number();
        String path = "sys/devices/pci0000:00/virtio0/block/" + DISK + "/" + name;
        write(path + "/partition", partition.number() + "\n");
        // The kernel counts in 512 bytes whatever the disk's sectors are.
        write(path + "/start", partition.offsetBytes(sectorSizeBytes) / KERNEL_SECTOR_BYTES + "\n");
        write(path + "/size", partition.sizeBytes(sectorSizeBytes) / KERNEL_SECTOR_BYTES + "\n");
        link("sys/devices/virtual/block/dm-0/slaves/" + name, path);
    }

    private void writeVariable(String name, String text) throws IOException {
        byte[] value = (text + "\0").getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes =
                ByteBuffer.allocate(Integer.BYTES + value.length)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .putInt(VOLATILE)
                        .put(value)
                        .array();
        Path file = folder.resolve(EFI_VARIABLES + name + LOADER_VENDOR);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void link(String path, String target) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createSymbolicLink(file, file.getParent().relativize(folder.resolve(target)));
    }

    private static String hex(UUID uuid) {
        return uuid.toString().replace("-", "");
    }
}
