package dev.flipside.updater.health;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The health checks of a release: {@code *.toml} in the folders for checks, in the order of their
 * names and then of their {@code [[check]]} tables; and, as greenboot has them, every file in
 * {@code required.d} and {@code wanted.d} under these folders as a command. A file in a later
 * folder replaces one of the same name in an earlier one.
 */
public record HealthChecks(List<HealthCheck> checks) {
    private static final int MAX_FILES = 256;
    private static final int MAX_CHECKS = 1024;
    private static final int MAX_FILE_BYTES = 256 << 10;

    public HealthChecks {
        checks = List.copyOf(checks);
    }

    /** Reads all checks; what cannot be read becomes a check that fails. */
    public static HealthChecks load(RootView root, List<String> folders) {
        List<HealthCheck> checks = new ArrayList<>();
        Map<String, String> files = files(root, folders, "", checks);
        files.values().removeIf(path -> !path.endsWith(".toml"));
        Map<String, String> required = files(root, folders, "/required.d", checks);
        Map<String, String> wanted = files(root, folders, "/wanted.d", checks);
        int count = files.size() + required.size() + wanted.size();
        if (count > MAX_FILES) {
            checks.add(tooMany(folders, "at most %d files".formatted(MAX_FILES), count));
            return new HealthChecks(checks);
        }
        files.values().forEach(path -> checks.addAll(file(root, path)));
        required.values().forEach(path -> checks.add(script(path, true)));
        wanted.values().forEach(path -> checks.add(script(path, false)));
        return checks.size() <= MAX_CHECKS
                ? new HealthChecks(checks)
                : new HealthChecks(
                        List.of(
                                tooMany(
                                        folders,
                                        "at most %d checks".formatted(MAX_CHECKS),
                                        checks.size())));
    }

    /** Asks every check once. */
    public List<HealthResult> run(Surroundings machine) {
        return checks.stream().map(check -> check.run(machine)).toList();
    }

    /** The files in a folder's folder, by name; hidden ones are an editor's or a power cut's. */
    private static Map<String, String> files(
            RootView root, List<String> folders, String below, List<HealthCheck> checks) {
        Map<String, String> files = new TreeMap<>();
        for (String folder : folders) {
            try {
                for (String name : root.list(folder + below)) {
                    String path = folder + below + "/" + name;
                    boolean isFolder =
                            root.find(path)
                                    .filter(it -> it.kind() == RootView.Kind.FOLDER)
                                    .isPresent();
                    if (!isFolder && !name.startsWith(".")) {
                        files.put(name, path);
                    }
                }
            } catch (IOException e) {
                checks.add(
                        unreadable(
                                folder + below,
                                "a folder that can be read",
                                String.valueOf(e.getMessage())));
            }
        }
        return files;
    }

    private static List<HealthCheck> file(RootView root, String path) {
        try (InputStream in = root.open(path)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                return List.of(
                        unreadable(
                                path,
                                "at most %d bytes".formatted(MAX_FILE_BYTES),
                                "more of them"));
            }
            return CheckFile.parse(bytes, path);
        } catch (FlipsideException e) {
            return List.of(new HealthCheck.Unreadable(terms(path), e.failure()));
        } catch (IOException e) {
            return List.of(
                    unreadable(path, "a file that can be read", String.valueOf(e.getMessage())));
        }
    }

    private static HealthCheck script(String path, boolean required) {
        return new CommandCheck(
                new CheckTerms(path, required, CheckFile.COMMAND_TIMEOUT), List.of(path));
    }

    private static HealthCheck tooMany(List<String> folders, String expected, int found) {
        return unreadable(String.join(", ", folders), expected, "%d".formatted(found));
    }

    private static HealthCheck unreadable(String what, String expected, String found) {
        return new HealthCheck.Unreadable(
                terms(what),
                new Failure(
                        FailureCode.HEALTH_CHECK_FAILED, what, expected, found, CheckTable.ACTION));
    }

    private static CheckTerms terms(String name) {
        return new CheckTerms(name, true, CheckFile.TIMEOUT);
    }
}
