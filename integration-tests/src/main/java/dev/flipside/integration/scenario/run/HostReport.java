package dev.flipside.integration.scenario.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.scenario.Expectation;
import dev.flipside.integration.scenario.States;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.lifecycle.BootStanding;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a host says of itself.
 *
 * @param bootId of the kernel: another one after each boot
 * @param status {@code flipctl status --json}
 * @param why {@code flipctl why --json}; empty where nobody asked
 * @param history lines of {@code flipctl history}; empty where nobody asked
 */
record HostReport(String bootId, ObjectNode status, ObjectNode why, List<String> history) {
    /** Prints the boot ID, then the status. */
    static final String STATUS_COMMAND =
            "cat /proc/sys/kernel/random/boot_id && flipctl status --json";

    /** The same, then why, then the history. */
    static final String WHOLE_COMMAND =
            STATUS_COMMAND + " && flipctl why --json && flipctl history";

    /**
     * {@link #STATUS_COMMAND} of a boot that systemd has ended, else a failure: an answer takes the
     * processor from the boot that is waited for.
     *
     * @param leftBoot the boot that is not asked any more, as it is about to end
     */
    static String statusAfterBoot(String leftBoot) {
        return """
        read -r boot </proc/sys/kernel/random/boot_id
        [ "$boot" != "%s" ] || exit 1
        case $(systemctl is-system-running) in initializing | starting) exit 1 ;; esac
        """
                        .formatted(leftBoot)
                + STATUS_COMMAND;
    }

    /**
     * Runs a command that restarts the guest, unless it has left that boot by itself; a failure
     * only where the guest stays up.
     */
    static String leaving(String bootId, String command) {
        return """
        read -r boot </proc/sys/kernel/random/boot_id
        [ "$boot" = "%s" ] || exit 0
        %s && exit 0
        code=$?
        case $(systemctl is-system-running) in
            initializing | starting | running | degraded | maintenance) exit $code ;;
        esac
        """
                .formatted(bootId, command);
    }

    /** Empty when a guest printed something else, as one does whose updater does not run yet. */
    static Optional<HostReport> parse(String output) {
        List<String> lines = output.lines().toList();
        if (lines.size() < 2) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new HostReport(
                            lines.getFirst(),
                            object(lines.get(1)),
                            lines.size() > 2 ? object(lines.get(2)) : StrictJson.object(),
                            lines.size() > 3 ? lines.subList(3, lines.size()) : List.of()));
        } catch (FlipsideException e) {
            return Optional.empty();
        }
    }

    private static ObjectNode object(String line) throws FlipsideException {
        return StrictJson.parse(
                line.getBytes(StandardCharsets.UTF_8),
                "the guest's answer",
                FailureCode.STATE_MALFORMED);
    }

    String state() {
        return status.at("/state/name").asText();
    }

    String version() {
        return status.at("/booted/version").asText();
    }

    /** The release that runs is kept, and nothing is still to come. */
    boolean healthy() {
        return status.path("standing").asText().equals(BootStanding.COMMITTED.words())
                && !States.UNDER_WAY.contains(state());
    }

    /** Whether the host has done more since then than to forget what it was about to do. */
    boolean isPast(HostReport before) {
        return !version().equals(before.version()) || States.ACTIVATED.contains(state());
    }

    /** For messages. */
    String words() {
        return "%s in slot %s (%s), %s"
                .formatted(
                        version(),
                        status.at("/booted/slot").asText(),
                        status.path("standing").asText(),
                        state());
    }

    /** Empty when it is as expected, else what is there instead. */
    Optional<String> otherThan(Expectation expectation) {
        String value = expectation.value();
        return switch (expectation.what()) {
            case VERSION -> equal(value, version());
            case SLOT -> equal(value, status.at("/booted/slot").asText());
            case OTHER_VERSION -> equal(value, orNone(status.at("/inactive/version")));
            case STATE -> equal(value, state());
            case FLOOR -> equal(value, status.path("floor").asText());
            case PINNED -> equal(value, orNone(status.path("pin")));
            case HELD_BY -> among(value, heldBy());
            case UNDONE -> equal(value, orNone(setback().path("version")));
            case CAUSE -> equal(value, orNone(reason().path("cause")));
            case EVIDENCE -> within(value, texts(reason().path("evidence")));
            case HISTORY -> within(value, history.reversed());
            case SERIAL ->
                    throw new IllegalArgumentException("a host does not know its serial console");
        };
    }

    private List<String> heldBy() {
        List<String> rules = new ArrayList<>();
        for (JsonNode rule : why.at("/decision/rules")) {
            if (!rule.path("passed").asBoolean()) {
                rules.add(rule.path("rule").asText());
            }
        }
        return rules;
    }

    private JsonNode setback() {
        JsonNode setbacks = why.path("setbacks");
        return setbacks.path(setbacks.size() - 1);
    }

    /** Of the state, where the host just came back; else of what was last undone. */
    private JsonNode reason() {
        JsonNode now = status.at("/state/reason");
        return now.isObject() ? now : setback().path("reason");
    }

    private static Optional<String> equal(String expected, String found) {
        return found.equals(expected) ? Optional.empty() : Optional.of(found);
    }

    private static Optional<String> among(String expected, List<String> found) {
        return found.contains(expected)
                ? Optional.empty()
                : Optional.of(found.isEmpty() ? "none" : String.join(", ", found));
    }

    private static Optional<String> within(String expected, List<String> found) {
        return found.stream().anyMatch(line -> line.contains(expected))
                ? Optional.empty()
                : Optional.of(found.isEmpty() ? "none" : "'" + found.getFirst() + "'");
    }

    private static String orNone(JsonNode value) {
        return value.isTextual() ? value.textValue() : "none";
    }

    private static List<String> texts(JsonNode values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(value.asText()));
        return texts;
    }
}
