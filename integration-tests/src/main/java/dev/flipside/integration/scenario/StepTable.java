package dev.flipside.integration.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.Step.Moment;
import dev.flipside.integration.scenario.Step.Until;
import dev.flipside.release.Names;
import dev.flipside.toml.TomlTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads one {@code [[step]]}: what is done decides which keys there may be. */
final class StepTable {
    private static final String DO = "do";
    private static final String VERSION = "version";
    private static final String UNTIL = "until";
    private static final String REFUSED = "refused";
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Duration MAX_TIMEOUT = Duration.ofHours(6);
    private static final int MAX_TIMES = 100;
    private static final int MAX_TEXTS = 32;

    /** What can be done, and the keys that it takes besides those of every step. */
    private static final Map<String, List<String>> KEYS = keys();

    private final TomlTable table;
    private final String word;

    private StepTable(TomlTable table, String word) {
        this.table = table;
        this.word = word;
    }

    static NumberedStep read(TomlTable table, int number) throws FlipsideException {
        List<String> words = List.copyOf(KEYS.keySet());
        Optional<String> word = table.word(DO, words);
        if (word.isEmpty()) {
            throw table.invalid(DO, "'do' in [step], one of " + String.join(", ", words), "none");
        }
        List<String> known = new ArrayList<>(List.of(DO, "timeout", "times"));
        known.addAll(KEYS.getOrDefault(word.get(), List.of()));
        table.refuseUnknown(known);
        return new NumberedStep(
                number,
                new StepTable(table, word.get()).step(),
                Durations.read(table, "timeout", MAX_TIMEOUT).orElse(TIMEOUT),
                table.number("times", 1, MAX_TIMES).orElse(1));
    }

    /** The words of {@code do}, and the keys of each, for the reference. */
    static Map<String, List<String>> keys() {
        TreeMap<String, List<String>> keys = new TreeMap<>();
        keys.put("boot", List.of(UNTIL));
        keys.put("reboot", List.of(UNTIL));
        keys.put("reset", List.of(UNTIL));
        keys.put("wait", List.of(UNTIL));
        keys.put("cut-power", List.of("after", "when-serial", "when-state"));
        keys.put("stay", List.of("for"));
        keys.put("update", List.of(VERSION, UNTIL, REFUSED));
        keys.put("rollback", List.of(UNTIL, REFUSED));
        keys.put("run", List.of("command", "exit-code", "contains", "lacks"));
        keys.put("network", List.of("cable"));
        keys.put("serve", List.of("repository"));
        keys.put("plug-disk", List.of("folder"));
        keys.put("expect", expectations());
        for (String verb : List.of("pin", "allow", "check", "stage")) {
            keys.put(verb, List.of(VERSION, REFUSED));
        }
        for (String verb : List.of("unpin", "hold", "unhold", "activate")) {
            keys.put(verb, List.of(REFUSED));
        }
        return keys;
    }

    private static List<String> expectations() {
        List<String> keys = new ArrayList<>();
        for (Expectation.What what : Expectation.What.values()) {
            keys.add(what.key());
        }
        return keys;
    }

    private Step step() throws FlipsideException {
        Optional<String> refused = table.text(REFUSED);
        return switch (word) {
            case "boot" -> new Step.Boot(boots());
            case "reboot" -> new Step.Reboot(boots());
            case "reset" -> new Step.Reset(boots());
            case "wait" -> new Step.Wait(until(List.of(Until.HEALTHY, Until.REACHABLE)));
            case "cut-power" -> new Step.CutPower(moment());
            case "stay" -> new Step.Stay(length());
            case "update" -> update(refused);
            case "rollback" ->
                    new Step.Rollback(until(List.of(Until.HEALTHY, Until.REBOOT_PENDING)), refused);
            case "run" -> run();
            case "network" -> network();
            case "serve" -> new Step.Serve(table.requireText("repository"));
            case "plug-disk" -> new Step.PlugDisk(table.requireText("folder"));
            case "expect" -> new Step.Expect(expected());
            default -> new Step.Flipctl(word, flipctlVersion(), refused);
        };
    }

    private Step.Update update(Optional<String> refused) throws FlipsideException {
        Until until = until(List.of(Until.HEALTHY, Until.REBOOT_PENDING, Until.STARTED));
        if (refused.isPresent() && until == Until.STARTED) {
            throw table.invalid(
                    UNTIL,
                    "an update that is waited for, as it is to be refused",
                    "'" + until.word() + "'");
        }
        return new Step.Update(version(), until, refused);
    }

    private Until boots() throws FlipsideException {
        return until(List.of(Until.HEALTHY, Until.REACHABLE, Until.STARTED));
    }

    /** The first one is what a step does unless told. */
    private Until until(List<Until> possible) throws FlipsideException {
        List<String> words = possible.stream().map(Until::word).toList();
        Optional<String> word = table.word(UNTIL, words);
        return possible.get(word.map(words::indexOf).orElse(0));
    }

    private Duration length() throws FlipsideException {
        return Durations.read(table, "for", MAX_TIMEOUT)
                .orElseThrow(() -> table.invalid("for", "'for' in [step]", "none"));
    }

    private Moment moment() throws FlipsideException {
        Optional<Duration> after = Durations.read(table, "after", MAX_TIMEOUT);
        Optional<String> serial = table.text("when-serial");
        Optional<String> state = table.word("when-state", States.NAMES);
        int given =
                (after.isPresent() ? 1 : 0)
                        + (serial.isPresent() ? 1 : 0)
                        + (state.isPresent() ? 1 : 0);
        if (given > 1) {
            throw table.invalid(
                    serial.isPresent() ? "when-serial" : "when-state",
                    "one of 'after', 'when-serial' and 'when-state'",
                    Integer.toString(given));
        }
        return after.<Moment>map(Moment.After::new)
                .or(() -> serial.map(Moment.SerialLine::new))
                .or(() -> state.map(Moment.State::new))
                .orElseGet(Moment.Now::new);
    }

    private Optional<String> version() throws FlipsideException {
        Optional<String> version = table.text(VERSION);
        if (version.isPresent() && !Names.isName(version.get())) {
            throw table.invalid(VERSION, "a version", "'" + version.get() + "'");
        }
        return version;
    }

    private Optional<String> flipctlVersion() throws FlipsideException {
        boolean required = word.equals("pin") || word.equals("allow");
        if (required) {
            table.requireText(VERSION);
        }
        return version();
    }

    private Step.Run run() throws FlipsideException {
        return new Step.Run(
                table.requireText("command"),
                table.number("exit-code", 0, 255).orElse(0),
                texts("contains"),
                texts("lacks"));
    }

    /** One text, or several. */
    private List<String> texts(String key) throws FlipsideException {
        JsonNode value = table.values().get(key);
        if (value == null || !value.isArray()) {
            return table.text(key).map(List::of).orElse(List.of());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode text : value) {
            texts.add(text.isTextual() ? text.textValue() : "");
        }
        if (texts.isEmpty() || texts.size() > MAX_TEXTS || texts.contains("")) {
            throw table.invalid(
                    key,
                    "1 to %d strings that are not empty".formatted(MAX_TEXTS),
                    value.toString());
        }
        return texts;
    }

    private Step.Network network() throws FlipsideException {
        table.requireText("cable");
        return new Step.Network(table.word("cable", List.of("in", "out")).orElse("").equals("in"));
    }

    private List<Expectation> expected() throws FlipsideException {
        List<Expectation> all = new ArrayList<>();
        for (Expectation.What what : Expectation.What.values()) {
            Optional<String> value = expected(what);
            value.ifPresent(it -> all.add(new Expectation(what, it)));
        }
        if (all.isEmpty()) {
            throw table.invalid(
                    DO, "what is expected: " + String.join(", ", expectations()), "nothing");
        }
        return all;
    }

    private Optional<String> expected(Expectation.What what) throws FlipsideException {
        return switch (what) {
            case SLOT -> table.word(what.key(), List.of("A", "B"));
            case STATE -> table.word(what.key(), States.NAMES);
            case HELD_BY -> table.word(what.key(), States.RULES);
            case CAUSE -> table.word(what.key(), States.CAUSES);
            case FLOOR -> table.number(what.key(), 0, Integer.MAX_VALUE).map(String::valueOf);
            case VERSION, OTHER_VERSION, PINNED, UNDONE, EVIDENCE, HISTORY, SERIAL ->
                    table.text(what.key());
        };
    }
}
