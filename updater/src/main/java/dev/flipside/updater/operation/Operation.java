package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Names;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One thing that an operator wants done. Immutable: what was checked and authorised is what runs.
 */
public sealed interface Operation {
    /** The fields of a body. */
    String VERSION = "version";

    /** Not to wait. */
    String NOW = "now";

    /** When a pin runs out. */
    String UNTIL = "until";

    /** The stable name: of the command of {@code flipctl}, and of the path at the socket. */
    default String name() {
        return switch (this) {
            case Check _ -> "check";
            case Stage _ -> "stage";
            case Activate _ -> "activate";
            case Update _ -> "update";
            case Reboot _ -> "reboot";
            case Rollback _ -> "rollback";
            case Settle _ -> "settle";
            case Pin _ -> "pin";
            case Unpin _ -> "unpin";
            case Hold _ -> "hold";
            case Unhold _ -> "unhold";
            case Allow _ -> "allow";
        };
    }

    /** The version that it names, if it takes one. */
    default Optional<String> version() {
        return Optional.empty();
    }

    /** Whether it is not to wait for a window, a wave or an age. */
    default boolean now() {
        return false;
    }

    /** Ask the repository, and decide. */
    record Check(Optional<String> version) implements Operation {
        public Check {
            Objects.requireNonNull(version);
        }
    }

    /** Write a release to the inactive slot. */
    record Stage(Optional<String> version, boolean now) implements Operation {
        public Stage {
            Objects.requireNonNull(version);
        }
    }

    /** Make what is staged the next boot. */
    record Activate(boolean now) implements Operation {}

    /** Check, stage and activate; reboot if the policy says so. */
    record Update(Optional<String> version, boolean now) implements Operation {
        public Update {
            Objects.requireNonNull(version);
        }

        /** To wherever the policy wants, when it wants. */
        public Update() {
            this(Optional.empty(), false);
        }
    }

    /** Restart the machine. */
    record Reboot() implements Operation {}

    /** Return to the other slot, or take an activation back. */
    record Rollback() implements Operation {}

    /** After a boot: commit, or record a rollback. */
    record Settle() implements Operation {}

    /**
     * Stay on, or go to, exactly this version.
     *
     * @param until when the pin runs out by itself
     */
    record Pin(String to, Optional<Instant> until) implements Operation {
        public Pin {
            Objects.requireNonNull(to);
            Objects.requireNonNull(until);
        }

        /** Until the operator takes it away. */
        public Pin(String to) {
            this(to, Optional.empty());
        }

        @Override
        public Optional<String> version() {
            return Optional.of(to);
        }

        @Override
        public ObjectNode body() {
            ObjectNode node = StrictJson.object().put(VERSION, to);
            until.ifPresent(moment -> node.put(UNTIL, moment.toString()));
            return node;
        }
    }

    /** Follow the channel again. */
    record Unpin() implements Operation {}

    /** Take no updates. */
    record Hold() implements Operation {}

    /** Take updates again. */
    record Unhold() implements Operation {}

    /** Try a version again that was undone. */
    record Allow(String undone) implements Operation {
        public Allow {
            Objects.requireNonNull(undone);
        }

        @Override
        public Optional<String> version() {
            return Optional.of(undone);
        }
    }

    /** The names of all. */
    static List<String> names() {
        return List.of(
                "check",
                "stage",
                "activate",
                "update",
                "reboot",
                "rollback",
                "settle",
                "pin",
                "unpin",
                "hold",
                "unhold",
                "allow");
    }

    /** What {@link #of} reads, as {@code {"version": …}}. */
    default ObjectNode body() {
        ObjectNode node = StrictJson.object();
        version().ifPresent(version -> node.put(VERSION, version));
        if (now()) {
            node.put(NOW, true);
        }
        return node;
    }

    /** What an operation may be told. */
    private static List<String> fields(String name) {
        return switch (name) {
            case "check", "allow" -> List.of(VERSION);
            case "stage", "update" -> List.of(VERSION, NOW);
            case "activate" -> List.of(NOW);
            case "pin" -> List.of(VERSION, UNTIL);
            default -> List.of();
        };
    }

    /**
     * Reads an operation.
     *
     * @param name one of {@link #names}
     * @throws FlipsideException {@code request-invalid} or {@code name-invalid}
     */
    static Operation of(String name, ObjectNode body) throws FlipsideException {
        List<String> fields = fields(name);
        for (Map.Entry<String, JsonNode> field : body.properties()) {
            if (!fields.contains(field.getKey())) {
                throw invalid(
                        name,
                        fields.isEmpty()
                                ? "no fields"
                                : "no field but '%s'".formatted(String.join("', '", fields)),
                        "'%s'".formatted(field.getKey()));
            }
        }
        return named(name, body);
    }

    private static Operation named(String name, ObjectNode body) throws FlipsideException {
        Optional<String> version = version(name, body.get(VERSION));
        boolean now = flag(name, body.get(NOW));
        return switch (name) {
            case "check" -> new Check(version);
            case "stage" -> new Stage(version, now);
            case "activate" -> new Activate(now);
            case "update" -> new Update(version, now);
            case "reboot" -> new Reboot();
            case "rollback" -> new Rollback();
            case "settle" -> new Settle();
            case "pin" -> new Pin(required(name, version), moment(name, body.get(UNTIL)));
            case "unpin" -> new Unpin();
            case "hold" -> new Hold();
            case "unhold" -> new Unhold();
            case "allow" -> new Allow(required(name, version));
            default ->
                    throw invalid(
                            "operation",
                            "one of " + String.join(", ", new TreeSet<>(names())),
                            "'%s'".formatted(name));
        };
    }

    private static Optional<String> version(String name, JsonNode value) throws FlipsideException {
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw invalid(name, "'version' to be a string", value.getNodeType().toString());
        }
        return Optional.of(Names.require("version", value.textValue()));
    }

    private static boolean flag(String name, JsonNode value) throws FlipsideException {
        if (value != null && !value.isBoolean()) {
            throw invalid(name, "'now' to be true or false", value.getNodeType().toString());
        }
        return value != null && value.booleanValue();
    }

    private static Optional<Instant> moment(String name, JsonNode value) throws FlipsideException {
        try {
            return Optional.ofNullable(value)
                    .map(it -> OffsetDateTime.parse(it.asText()).toInstant());
        } catch (DateTimeParseException e) {
            throw new FlipsideException(
                    invalid(name, "'until' to be a time with its offset", "another").failure(), e);
        }
    }

    private static String required(String name, Optional<String> version) throws FlipsideException {
        return version.orElseThrow(() -> invalid(name, "a 'version'", "none"));
    }

    private static FlipsideException invalid(String name, String expected, String found) {
        return new FlipsideException(
                FailureCode.REQUEST_INVALID,
                name,
                expected,
                found,
                "correct the request; docs/reference/openapi.yaml describes it");
    }
}
