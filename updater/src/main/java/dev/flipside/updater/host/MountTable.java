package dev.flipside.updater.host;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
            Pattern.compile("[0-9]+ [0-9]+ ([0-9]+:[0-9]+) \\S+ (\\S+) .* - (\\S+) .*");
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "rootfs");

    private record Mount(String device, String point, String type) {}

    /** The {@code MAJOR:MINOR} of what is mounted at a path, if something is. */
    Optional<String> deviceAt(String mountPoint) throws FlipsideException {
        return at(mountPoint).map(Mount::device);
    }

    /**
     * Where a device was mounted first, if it is. The name has no spaces, which the table hides.
     */
    Optional<Path> mountPointOf(String device) throws FlipsideException {
        return mounts().stream()
                .filter(mount -> mount.device().equals(device))
                .findFirst()
                .map(mount -> Path.of(mount.point()));
    }

    /** Whether what is in a folder at the top is gone after the next boot. */
    boolean isInMemory(String folder) throws FlipsideException {
        Optional<Mount> own = at(folder);
        return (own.isPresent() ? own : at("/"))
                .filter(mount -> IN_MEMORY.contains(mount.type()))
                .isPresent();
    }

    private Optional<Mount> at(String mountPoint) throws FlipsideException {
        return mounts().stream()
                .filter(mount -> mount.point().equals(mountPoint))
                .reduce((first, second) -> second);
    }

    private List<Mount> mounts() throws FlipsideException {
        List<Mount> mounts = new ArrayList<>();
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
            mounts.add(new Mount(matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return mounts;
    }
}
