package dev.flipside.updater.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.toml.StrictToml;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A file of health checks: TOML with {@code [[check]]} tables (docs/reference/health.md). */
final class CheckFile {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);
    private static final int KUBELET_PORT = 10_248;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_STATUS = 599;
    static final List<String> TYPES =
            List.of(
                    "file",
                    "units",
                    "http",
                    "tcp",
                    "command",
                    "kubelet",
                    "repository",
                    "can-stage");

    private CheckFile() {}

    static List<HealthCheck> parse(byte[] bytes, String path) throws FlipsideException {
        ObjectNode tree = StrictToml.parse(bytes, path);
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            if (!entry.getKey().equals("check")) {
                throw invalid(path, "only [[check]] tables", "'%s'".formatted(entry.getKey()));
            }
        }
        JsonNode tables = tree.path("check");
        if (!tables.isArray() || tables.isEmpty()) {
            throw invalid(path, "at least one [[check]] table", "none");
        }
        List<HealthCheck> checks = new ArrayList<>();
        for (JsonNode table : tables) {
            CheckTable keys = new CheckTable(table, path);
            checks.add(check(keys, path));
            keys.refuseOthers();
        }
        return checks;
    }

    private static HealthCheck check(CheckTable keys, String path) throws FlipsideException {
        String type = keys.required("type");
        return switch (type) {
            case "file" -> file(keys);
            case "units" -> units(keys);
            case "http" -> http(keys);
            case "tcp" -> tcp(keys);
            case "command" -> command(keys);
            case "kubelet" -> kubelet(keys);
            case "repository" -> new RepositoryCheck(keys.terms("repository", TIMEOUT));
            case "can-stage" -> new StagingCheck(keys.terms("can-stage", TIMEOUT));
            default ->
                    throw new FlipsideException(
                            FailureCode.CONFIG_INVALID,
                            path,
                            "a type of " + String.join(", ", TYPES),
                            "type = \"%s\"".formatted(type),
                            "did you mean '%s'?".formatted(NearestName.of(type, TYPES)));
        };
    }

    private static HealthCheck file(CheckTable keys) throws FlipsideException {
        String checked = keys.path("path");
        Optional<String> sha256 = keys.text("sha256");
        if (sha256.isPresent() && !sha256.get().matches("[0-9a-f]{64}")) {
            throw keys.invalid("sha256 as 64 lowercase hex digits", sha256.get());
        }
        return new FileCheck(keys.terms(checked, TIMEOUT), checked, keys.text("contains"), sha256);
    }

    private static HealthCheck units(CheckTable keys) throws FlipsideException {
        List<String> active = keys.texts("active");
        boolean noneFailed = keys.flag("none-failed", false);
        if (active.isEmpty() && !noneFailed) {
            throw keys.invalid("units as 'active', or none-failed = true", "neither");
        }
        for (String unit : active) {
            if (!unit.matches("[A-Za-z0-9:_.@\\\\-]+\\.[a-z]+") || unit.startsWith("-")) {
                throw keys.invalid(
                        "names of units with their endings, as containerd.service,",
                        "'%s'".formatted(unit));
            }
        }
        return new UnitsCheck(
                keys.terms("units", TIMEOUT), active, noneFailed, keys.texts("ignore"));
    }

    private static HealthCheck http(CheckTable keys) throws FlipsideException {
        String text = keys.required("url");
        URI url = url(keys, text);
        OptionalInt status =
                keys.number("status", 100, MAX_STATUS)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty());
        return new HttpCheck(keys.terms(text, TIMEOUT), url, status, keys.text("contains"));
    }

    private static URI url(CheckTable keys, String text) throws FlipsideException {
        try {
            URI url = new URI(text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
                    && url.getHost() != null
                    && url.getPort() <= MAX_PORT) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw new FlipsideException(
                    keys.invalid("an http: or https: URL", "'%s'".formatted(text)).failure(), e);
        }
        throw keys.invalid("an http: or https: URL", "'%s'".formatted(text));
    }

    private static HealthCheck tcp(CheckTable keys) throws FlipsideException {
        String host = keys.text("host").orElse("127.0.0.1");
        int port =
                keys.number("port", 1, MAX_PORT)
                        .orElseThrow(() -> keys.invalid("the key 'port'", "none"));
        return new TcpCheck(keys.terms("%s:%d".formatted(host, port), TIMEOUT), host, port);
    }

    private static HealthCheck command(CheckTable keys) throws FlipsideException {
        List<String> command = keys.texts("command");
        if (command.isEmpty() || !command.getFirst().startsWith("/")) {
            throw keys.invalid(
                    "an array with an absolute path and its arguments as 'command'",
                    command.isEmpty() ? "none" : command.getFirst());
        }
        return new CommandCheck(keys.terms(command.getFirst(), COMMAND_TIMEOUT), command);
    }

    /** As kubelet itself says it, on loopback and without TLS. */
    private static HealthCheck kubelet(CheckTable keys) throws FlipsideException {
        int port = keys.number("port", 1, MAX_PORT).orElse(KUBELET_PORT);
        return new HttpCheck(
                keys.terms("kubelet", TIMEOUT),
                URI.create("http://127.0.0.1:%d/healthz".formatted(port)),
                OptionalInt.of(200),
                Optional.of("ok"));
    }

    private static FlipsideException invalid(String path, String expected, String found) {
        return new FlipsideException(
                FailureCode.CONFIG_INVALID, path, expected, found, CheckTable.ACTION);
    }
}
