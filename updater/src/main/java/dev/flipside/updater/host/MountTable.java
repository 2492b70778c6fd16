package dev.flipside.updater.host;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)): which device is mounted where.
 *
 * @param text one mount per line; the last one on a mount point hides those before it
 */
record MountTable(String text) {
    // 36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw
    private static final Pattern LINE =
            Pattern.compile("[0-9]+ [0-9]+ ([0-9]+:[0-9]+) \\S+ (\\S+) .*");

    /** The {@code MAJOR:MINOR} of what is mounted at a path, if something is. */
    Optional<String> deviceAt(String mountPoint) throws FlipsideException {
        Optional<String> device = Optional.empty();
        for (String line : text.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new FlipsideException(
                        FailureCode.SLOT_UNKNOWN,
                        "/proc/self/mountinfo",
                        "lines as in proc_pid_mountinfo(5)",
                        "'%s'".formatted(line),
                        "check '[host] system-root'");
            }
            if (matcher.group(2).equals(mountPoint)) {
                device = Optional.of(matcher.group(1));
            }
        }
        return device;
    }
}
