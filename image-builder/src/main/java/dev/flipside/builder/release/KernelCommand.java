package dev.flipside.builder.release;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Usage;
import java.util.List;

/** The kernel's command line of a release. */
final class KernelCommand {
    /** Of a counted boot: the default of 90 s, three times, is longer than anyone waits. */
    private static final int DEVICE_TIMEOUT_SECONDS = 30;

    private static final int PANIC_REBOOT_SECONDS = 10;
    private static final int MAX_LENGTH = 1024;

    /** What names the image, and so is never the user's to set. */
    private static final List<String> OURS =
            List.of("roothash=", "usrhash=", "root=", "systemd.verity=");

    private KernelCommand() {}

    /**
     * The whole line: what finds the image and gives up on a bad one, then the user's words, which
     * count where both say something.
     *
     * @throws FlipsideException {@code argument-invalid}
     */
    static String of(Usage usage, String rootHash, String own) throws FlipsideException {
        requireOwn(own);
        String image =
                switch (usage) {
                    case ROOT ->
                            "roothash=%s systemd.verity_root_options=panic-on-corruption"
                                    .formatted(rootHash);
                    case USR ->
                            "usrhash=%s systemd.verity_usr_options=panic-on-corruption root=tmpfs"
                                    .formatted(rootHash);
                };
        // A wrong block must not become an I/O error that a program shrugs off: the machine panics,
        // reboots, and the boot counts as failed. With "gpt", Linux takes the backup table when the
        // primary is torn.
        String line =
                image
                        + (" gpt systemd.default_device_timeout_sec=" + DEVICE_TIMEOUT_SECONDS)
                        + (" panic=" + PANIC_REBOOT_SECONDS);
        return own.isBlank() ? line : line + " " + own.strip();
    }

    /** Checks the user's words, before there is a root hash. */
    static void requireOwn(String own) throws FlipsideException {
        for (String word : own.split("\\s+")) {
            if (OURS.stream().anyMatch(word::startsWith)) {
                throw invalid("words that do not name the image", "'" + word + "'");
            }
        }
        if (own.length() > MAX_LENGTH || own.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw invalid("at most " + MAX_LENGTH + " printable ASCII characters", "'" + own + "'");
        }
    }

    private static FlipsideException invalid(String expected, String found) {
        return new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "kernel command line",
                expected,
                found,
                "change --cmdline");
    }
}
