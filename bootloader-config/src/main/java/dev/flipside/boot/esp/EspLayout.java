package dev.flipside.boot.esp;

import dev.flipside.release.Architecture;
import java.util.List;
import java.util.Locale;

/**
 * Where things are on the ESP, described once: for the FAT32 file system that {@code disk} writes
 * and for the folder of a file-backed host. Paths are relative to the ESP and separated by {@code
 * /}.
 */
public final class EspLayout {
    /** Type #1 entries (Boot Loader Specification). */
    public static final String ENTRIES = "loader/entries";

    /** The loader's configuration. */
    public static final String LOADER_CONF = "loader/loader.conf";

    /** UKIs that the loader lists by itself (Boot Loader Specification, type #2); we use none. */
    public static final String TYPE_2_IMAGES = "EFI/Linux";

    /** The UKIs of the releases, each named by its digest. */
    public static final String IMAGES = "flipside";

    private static final int SHA256_HEX_LENGTH = 64;

    private EspLayout() {}

    /** Where the UKI with this digest (SHA-256, lowercase hex) stands. */
    public static String imagePath(String sha256) {
        if (sha256.length() != SHA256_HEX_LENGTH || !sha256.matches("[0-9a-f]+")) {
            throw new IllegalArgumentException("SHA-256 '%s'".formatted(sha256));
        }
        return IMAGES + "/" + sha256 + ".efi";
    }

    /** All places of the loader: its own, and the one that firmware starts by default. */
    public static List<String> loaderPaths(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> List.of("EFI/systemd/systemd-bootx64.efi", "EFI/BOOT/BOOTX64.EFI");
            case ARM64 -> List.of("EFI/systemd/systemd-bootaa64.efi", "EFI/BOOT/BOOTAA64.EFI");
        };
    }

    /** Where the loader is in a root file system that has one. */
    public static String loaderInRoot(Architecture architecture) {
        return switch (architecture) {
            case X86_64 -> "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";
            case ARM64 -> "/usr/lib/systemd/boot/efi/systemd-bootaa64.efi";
        };
    }

    /** Whether the loader takes a file of this name in {@link #TYPE_2_IMAGES} for an entry. */
    public static boolean isTypeTwoImage(String fileName) {
        String lower = fileName.toLowerCase(Locale.ROOT);
        return lower.endsWith(".efi") && !lower.startsWith(".") && !lower.startsWith("auto-");
    }
}
