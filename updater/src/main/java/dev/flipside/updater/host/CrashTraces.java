package dev.flipside.updater.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What boots that ended badly have left behind outside of user space.
 *
 * @param panic the last panic, if there was one
 * @param watchdog the watchdog that says that it has reset the machine before this boot
 */
public record CrashTraces(Optional<Panic> panic, Optional<String> watchdog) {
    /**
     * Where systemd-pstore puts what the kernel kept in EFI variables: {@code
     * SECONDS/COUNT/dmesg.txt}, with the time of the panic.
     */
    private static final String ARCHIVE = "var/lib/systemd/pstore";

    /** Where it is until then: {@code dmesg-efi_pstore-SECONDSPPCCC}, part and count at the end. */
    private static final String PSTORE = "sys/fs/pstore";

    private static final String WATCHDOGS = "sys/class/watchdog";

    /** WDIOF_CARDRESET of linux/watchdog.h: the watchdog has reset the machine. */
    private static final int CARD_RESET = 0x20;

    private static final int MAX_RECORDS = 256;
    private static final int MAX_LINES = 12;

    public CrashTraces {
        Objects.requireNonNull(panic);
        Objects.requireNonNull(watchdog);
    }

    /** A kernel that gave up, and its last words. */
    public record Panic(Instant at, List<String> lines) {
        public Panic {
            Objects.requireNonNull(at);
            lines = List.copyOf(lines);
        }
    }

    public static CrashTraces none() {
        return new CrashTraces(Optional.empty(), Optional.empty());
    }

    /** Reads them in a folder that stands for {@code /}; what cannot be read says nothing. */
    public static CrashTraces read(Path systemRoot, Instant since) {
        SystemFiles files = new SystemFiles(systemRoot);
        Optional<Panic> last = Optional.empty();
        for (Panic panic : panics(files)) {
            if (!panic.at().isBefore(since)
                    && (last.isEmpty() || last.get().at().isBefore(panic.at()))) {
                last = Optional.of(panic);
            }
        }
        return new CrashTraces(last, watchdog(files));
    }

    private static List<Panic> panics(SystemFiles files) {
        List<Panic> panics = new ArrayList<>();
        for (String time : names(files, ARCHIVE)) {
            for (String count : names(files, ARCHIVE + "/" + time)) {
                String path = "%s/%s/%s/dmesg.txt".formatted(ARCHIVE, time, count);
                panic(time, text(files, path)).ifPresent(panics::add);
            }
        }
        for (String name : names(files, PSTORE)) {
            String id = name.replaceFirst("^dmesg-efi(_pstore)?-", "");
            if (!id.equals(name) && id.length() > 5) {
                String time = id.substring(0, id.length() - 5);
                panic(time, text(files, PSTORE + "/" + name)).ifPresent(panics::add);
            }
        }
        return panics;
    }

    private static List<String> newest(List<String> names) {
        return names.subList(Math.max(0, names.size() - MAX_RECORDS), names.size());
    }

    private static String text(SystemFiles files, String path) {
        try {
            return new String(files.read(path).orElse(new byte[0]), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static List<String> names(SystemFiles files, String folder) {
        try {
            return newest(files.list(folder));
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** Empty for an oops that the kernel survived, and for what is no record of a kernel. */
    private static Optional<Panic> panic(String seconds, String dump) {
        List<String> lines = dump.lines().toList();
        int from = 0;
        while (from < lines.size() && !lines.get(from).contains("Kernel panic")) {
            from++;
        }
        if (from == lines.size() || !seconds.matches("[0-9]{1,12}")) {
            return Optional.empty();
        }
        List<String> told =
                Stream.concat(
                                lines.subList(0, from).stream()
                                        .filter(CrashTraces::saysWhy)
                                        .limit(MAX_LINES / 2),
                                lines.subList(from, lines.size()).stream())
                        .map(line -> line.replaceFirst("^<[0-9]+>", ""))
                        .limit(MAX_LINES)
                        .toList();
        return Optional.of(new Panic(Instant.ofEpochSecond(Long.parseLong(seconds)), told));
    }

    private static boolean saysWhy(String line) {
        return Stream.of("BUG:", "Oops", "verity", "corrupted", "Unable to")
                .anyMatch(line::contains);
    }

    private static Optional<String> watchdog(SystemFiles files) {
        for (String name : names(files, WATCHDOGS)) {
            String folder = WATCHDOGS + "/" + name + "/";
            String status = text(files, folder + "bootstatus").strip();
            if (status.matches("[0-9]{1,9}") && (Integer.parseInt(status) & CARD_RESET) != 0) {
                String identity = text(files, folder + "identity").strip();
                return Optional.of(
                        "%s (%s) says that it reset the machine".formatted(name, identity));
            }
        }
        return Optional.empty();
    }
}
