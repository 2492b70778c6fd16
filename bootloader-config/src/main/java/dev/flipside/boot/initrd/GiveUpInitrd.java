package dev.flipside.boot.initrd;

import java.util.List;

/**
 * A second initrd, to be loaded after the image's own, which makes a systemd initrd give up: when
 * the root cannot be opened in a counted boot, it reboots at once, so that the loader takes the
 * next try and in the end the other slot. A stock initrd would wait for ever.
 *
 * <p>A boot that is not counted has nothing to fall back to; there the initrd stops for its
 * operator as ever.
 */
public final class GiveUpInitrd {
    /** Set by systemd-boot in counted boots only; it does not survive a reboot. */
    public static final String BOOT_COUNT_VARIABLE =
            "/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    private static final String UNITS = "etc/systemd/system/";
    private static final String SERVICE = "flipside-give-up.service";

    /** Every target of the initrd that ends in {@code emergency.target} when it fails. */
    private static final List<String> TARGETS =
            List.of(
                    "initrd-fs.target",
                    "initrd-root-device.target",
                    "initrd-root-fs.target",
                    "initrd-usr-fs.target",
                    "initrd.target");

    private GiveUpInitrd() {}

    /** The archive; the same bytes on every call. */
    public static byte[] bytes() {
        CpioArchive archive = new CpioArchive().add(UNITS + SERVICE, service());
        for (String target : TARGETS) {
            archive.add(UNITS + target + ".d/50-flipside-give-up.conf", dropIn());
        }
        return archive.bytes();
    }

    private static String service() {
        return """
        [Unit]
        Description=Give up this boot, so that the boot loader takes the next try
        DefaultDependencies=no
        ConditionPathExists=%s

        [Service]
        Type=oneshot
        ExecStart=systemctl --force --force reboot
        StandardOutput=journal+console
        """
                .formatted(BOOT_COUNT_VARIABLE);
    }

    // A drop-in adds to OnFailure=, it cannot take away: emergency.target stays, for boots without
    // a counter, and the reboot does not wait for it.
    private static String dropIn() {
        return """
        [Unit]
        OnFailure=%s
        OnFailureJobMode=replace-irreversibly
        """
                .formatted(SERVICE);
    }
}
