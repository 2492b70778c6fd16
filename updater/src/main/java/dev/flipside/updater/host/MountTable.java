package dev.flipside.updater.host;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)): which device is mounted where.
 *
 * @param mounts in the order of the file; the last one on a mount point hides those before it
 */
record MountTable(List<Mount> mounts) {
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "rootfs");

    // 36 35 98:0 /mnt1 /mnt/parent rw,noatime master:1 - ext3 /dev/root rw
    private static final String SEPARATOR = " - ";
    private static final int DEVICE = 2;
    private static final int POINT = 4;
    private static final int MIN_FIELDS = 6;

    /**
     * @param device {@code MAJOR:MINOR}
     */
    record Mount(String device, String point, String type) {}

    /**
     * Reads the table. A sandbox has dozens of lines, and this is read in each boot: no regular
     * expression.
     *
     * @throws FlipsideException {@code slot-unknown} for a line that is none of these
     */
    static MountTable parse(String text) throws FlipsideException {
        List<Mount> mounts = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            mounts.add(mount(text.substring(start, end)));
            start = end + 1;
        }
        return new MountTable(mounts);
    }

    private static Mount mount(String line) throws FlipsideException {
        int separator = line.indexOf(SEPARATOR);
        if (separator >= 0) {
            List<String> before = fields(line.substring(0, separator));
            List<String> after = fields(line.substring(separator + SEPARATOR.length()));
            if (before.size() >= MIN_FIELDS
                    && after.size() >= 2
                    && isDevice(before.get(DEVICE))
                    && !before.get(POINT).isEmpty()
                    && !after.getFirst().isEmpty()) {
                return new Mount(before.get(DEVICE), before.get(POINT), after.getFirst());
            }
        }
        throw new FlipsideException(
                FailureCode.SLOT_UNKNOWN,
                "/proc/self/mountinfo",
                "lines as in proc_pid_mountinfo(5)",
                "'%s'".formatted(line),
                "check '[host] system-root'");
    }

    private static List<String> fields(String part) {
        List<String> fields = new ArrayList<>();
        int start = 0;
        for (int end = part.indexOf(' '); end >= 0; end = part.indexOf(' ', start)) {
            fields.add(part.substring(start, end));
            start = end + 1;
        }
        fields.add(part.substring(start));
        return fields;
    }

    private static boolean isDevice(String field) {
        int colon = field.indexOf(':');
        return colon > 0 && isNumber(field, 0, colon) && isNumber(field, colon + 1, field.length());
    }

    private static boolean isNumber(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return from < to;
    }

    /** The {@code MAJOR:MINOR} of what is mounted at a path, if something is. */
    Optional<String> deviceAt(String mountPoint) {
        return at(mountPoint).map(Mount::device);
    }

    /**
     * Where a device was mounted first, if it is. The name has no spaces, which the table hides.
     */
    Optional<Path> mountPointOf(String device) {
        return mounts.stream()
                .filter(mount -> mount.device().equals(device))
                .findFirst()
                .map(mount -> Path.of(mount.point()));
    }

    /** Whether what is in a folder at the top is gone after the next boot. */
    boolean isInMemory(String folder) {
        Optional<Mount> own = at(folder);
        return (own.isPresent() ? own : at("/"))
                .filter(mount -> IN_MEMORY.contains(mount.type()))
                .isPresent();
    }

    private Optional<Mount> at(String mountPoint) {
        return mounts.stream()
                .filter(mount -> mount.point().equals(mountPoint))
                .reduce((first, second) -> second);
    }
}
