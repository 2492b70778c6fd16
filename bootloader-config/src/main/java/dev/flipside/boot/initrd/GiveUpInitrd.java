package dev.flipside.boot.initrd;

import dev.flipside.boot.entries.BootCounter;
import java.util.List;

/**
 * A second initrd, to be loaded after the image's own, which makes a systemd initrd give up: when
 * the root cannot be opened in a counted boot, it reboots at once, so that the loader takes the
 * next try and in the end the other slot. A stock initrd would wait for ever.
 *
 * <p>A boot that has nothing to fall back to stops for its operator instead. Such is one that is
 * not counted, and one whose entry had no tries left: the loader counts on then, and takes the
 * entry only because no other has tries left either. There a panic does not reboot, and no watchdog
 * is armed.
 */
public final class GiveUpInitrd {
    /** Set by systemd-boot in counted boots only; it does not survive a reboot. */
    public static final String BOOT_COUNT_VARIABLE =
            "/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    private static final String UNITS = "etc/systemd/system/";
    private static final String SERVICE = "flipside-give-up.service";
    private static final String LAST_RESORT = "flipside-last-resort.service";

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
        CpioArchive archive =
                new CpioArchive()
                        .add(UNITS + SERVICE, service())
                        .add(UNITS + LAST_RESORT, lastResort())
                        .add(
                                UNITS + "sysinit.target.d/50-flipside-last-resort.conf",
                                "[Unit]\nWants=%s\n".formatted(LAST_RESORT));
        for (String target : TARGETS) {
            archive.add(UNITS + target + ".d/50-flipside-give-up.conf", dropIn());
        }
        return archive.bytes();
    }

    // The shell leaves out the NULs of UTF-16. Whatever keeps it from its decision is a failure;
    // so it is a reboot, which is systemd's own.
    private static String service() {
        return """
        [Unit]
        Description=Give up this boot, so that the boot loader takes the next try
        DefaultDependencies=no
        ConditionPathExists=%1$s
        FailureAction=reboot-immediate

        [Service]
        Type=oneshot
        ExecStart=/bin/sh -c 'IFS= read -r path <%1$s; case "$$path" in *+0-%2$s.conf*) ;; *+0-*) exit 0 ;; esac; exit 1'
        TimeoutStartSec=10s
        StandardOutput=journal+console
        """
                .formatted(BOOT_COUNT_VARIABLE, BootCounter.TRIES);
    }

    // Before the root is opened: a wrong block of it is a panic. What is under /run holds for the
    // host's systemd, too.
    private static String lastResort() {
        return """
        [Unit]
        Description=Keep a boot that nothing can follow from rebooting by itself
        DefaultDependencies=no
        ConditionPathExists=%1$s
        Wants=veritysetup-pre.target
        Before=veritysetup-pre.target initrd-root-device.target sysinit.target

        [Service]
        Type=oneshot
        ExecStart=-/bin/sh -c 'IFS= read -r path <%1$s; case "$$path" in *+0-%2$s.conf*) exit 0 ;; *+0-*) ;; *) exit 0 ;; esac; \
            echo 0 >/proc/sys/kernel/panic; mkdir -p /run/systemd/system.conf.d && \
            printf "[Manager]\\nRuntimeWatchdogSec=0\\n" >/run/systemd/system.conf.d/90-flipside.conf'
        TimeoutStartSec=10s
        """
                .formatted(BOOT_COUNT_VARIABLE, BootCounter.TRIES);
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
