package dev.flipside.updater.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.StrictToml;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The health checks of a release: {@code *.toml} in the folders for checks, in the order of the
 * folders, the files and their {@code [[check]]} tables. A file in a later folder replaces one of
 * the same name in an earlier one.
 */
public record HealthChecks(List<HealthCheck> checks) {
    private static final int MAX_FILES = 256;
    private static final int MAX_CHECKS = 1024;
    private static final int MAX_FILE_BYTES = 256 << 10;
    private static final String ACTION =
            "mend the check; its keys stand in docs/reference/health.md";
    private static final Set<String> FILE_KEYS =
            Set.of("name", "type", "path", "contains", "sha256");

    public HealthChecks {
        checks = List.copyOf(checks);
    }

    /** Reads all checks; what cannot be read becomes a check that fails. */
    public static HealthChecks load(RootView root, List<String> folders) {
        Map<String, String> files = new java.util.TreeMap<>();
        List<HealthCheck> checks = new ArrayList<>();
        for (String folder : folders) {
            try {
                for (String name : root.list(folder)) {
                    if (name.endsWith(".toml")) {
                        files.put(name, folder + "/" + name);
                    }
                }
            } catch (IOException e) {
                checks.add(unreadable(folder, "a folder that can be read", e.getMessage()));
            }
        }
        if (files.size() > MAX_FILES) {
            checks.add(
                    unreadable(
                            String.join(", ", folders),
                            "at most %d files".formatted(MAX_FILES),
                            "%d".formatted(files.size())));
            return new HealthChecks(checks);
        }
        files.values().forEach(path -> checks.addAll(file(root, path)));
        return new HealthChecks(checks.size() <= MAX_CHECKS ? checks : tooMany(folders, checks));
    }

    private static List<HealthCheck> tooMany(List<String> folders, List<HealthCheck> checks) {
        return List.of(
                unreadable(
                        String.join(", ", folders),
                        "at most %d checks".formatted(MAX_CHECKS),
                        "%d".formatted(checks.size())));
    }

    /** Asks every check. */
    public List<HealthResult> run(RootView root) {
        return checks.stream().map(check -> check.run(root)).toList();
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
            return parse(bytes, path);
        } catch (FlipsideException e) {
            return List.of(new HealthCheck.Unreadable(path, e.failure()));
        } catch (IOException e) {
            return List.of(unreadable(path, "a file that can be read", e.getMessage()));
        }
    }

    static List<HealthCheck> parse(byte[] bytes, String path) throws FlipsideException {
        ObjectNode tree = StrictToml.parse(bytes, path);
        for (String key : names(tree)) {
            if (!key.equals("check")) {
                throw invalid(path, "only [[check]] tables", "'%s'".formatted(key));
            }
        }
        JsonNode tables = tree.path("check");
        if (!tables.isArray() || tables.isEmpty()) {
            throw invalid(path, "at least one [[check]] table", "none");
        }
        List<HealthCheck> checks = new ArrayList<>();
        for (JsonNode table : tables) {
            checks.add(check(table, path));
        }
        return checks;
    }

    private static HealthCheck check(JsonNode table, String path) throws FlipsideException {
        String type = text(table, "type", path).orElse("");
        if (!type.equals("file")) {
            throw invalid(path, "type = \"file\"", "type = \"%s\"".formatted(type));
        }
        for (String key : names(table)) {
            if (!FILE_KEYS.contains(key)) {
                throw invalid(path, "the keys of a check of a file", "'%s'".formatted(key));
            }
        }
        String checked =
                text(table, "path", path)
                        .filter(it -> it.startsWith("/"))
                        .orElseThrow(() -> invalid(path, "an absolute path", "none"));
        Optional<String> sha256 = text(table, "sha256", path);
        if (sha256.isPresent() && !sha256.get().matches("[0-9a-f]{64}")) {
            throw invalid(path, "sha256 as 64 lowercase hex digits", sha256.get());
        }
        return new HealthCheck.FileCheck(
                text(table, "name", path).orElse(checked),
                checked,
                text(table, "contains", path),
                sha256);
    }

    private static List<String> names(JsonNode table) {
        return table.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static Optional<String> text(JsonNode table, String key, String path)
            throws FlipsideException {
        JsonNode value = table.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw invalid(path, "a string as '%s'".formatted(key), value.toString());
        }
        return Optional.of(value.textValue());
    }

    private static HealthCheck unreadable(String what, String expected, String found) {
        return new HealthCheck.Unreadable(
                what,
                new Failure(
                        FailureCode.HEALTH_CHECK_FAILED,
                        what,
                        expected,
                        String.valueOf(found),
                        ACTION));
    }

    private static FlipsideException invalid(String path, String expected, String found) {
        return new FlipsideException(FailureCode.CONFIG_INVALID, path, expected, found, ACTION);
    }
}
