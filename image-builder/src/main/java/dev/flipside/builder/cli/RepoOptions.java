package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.repo.Choice;
import dev.flipside.builder.repo.Lifetimes;
import dev.flipside.builder.repo.Outcome;
import dev.flipside.builder.repo.Publisher;
import dev.flipside.builder.repo.Seat;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.tuf.Role;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** What the commands below {@code repo} share: their options, and how these are read. */
record RepoOptions(BuildClock clock) {
    static final String REPO = "--repo";
    static final String KEYS = "--keys";
    static final String CHANNEL = "--channel";
    static final String VERSION = "--version";
    static final String THRESHOLD = "--threshold";

    private static final String EXPIRES_DAYS = "--expires-days";
    private static final String ROOT_EXPIRES_DAYS = "--root-expires-days";
    private static final String EXPIRES = "--expires";
    private static final String PROPOSE = "--propose";
    private static final String PRODUCT = "--product";
    private static final String ARCH = "--arch";
    private static final int MAX_THRESHOLD = 256;

    static OptionSpec repository() {
        return Command.option(REPO, "DIR", Path.class, true, "The repository.");
    }

    static OptionSpec keys() {
        return Command.option(
                KEYS, "DIR", Path.class, true, "Folder with ROLE-N.key.pem or .key.ref.");
    }

    static OptionSpec expiresDays() {
        return Command.option(
                EXPIRES_DAYS,
                "N",
                Integer.class,
                false,
                "When targets, snapshot and timestamp expire; as 'init' said.");
    }

    static OptionSpec rootExpiresDays() {
        return Command.option(
                ROOT_EXPIRES_DAYS, "N", Integer.class, false, "When root expires; as 'init' said.");
    }

    static OptionSpec expires() {
        return Command.repeatable(EXPIRES, "ROLE=DAYS", "When a role's metadata expires.");
    }

    static OptionSpec thresholds() {
        return Command.repeatable(THRESHOLD, "ROLE[.GROUP]=K", "How many keys have to sign; 1.");
    }

    static OptionSpec propose() {
        return flag(PROPOSE, "Where other keys have to sign, too, wait for their signatures.");
    }

    static OptionSpec product() {
        return Command.option(
                PRODUCT, "NAME", String.class, false, "Where several products are there.");
    }

    static OptionSpec architecture() {
        return Command.option(
                ARCH, architectures(), String.class, false, "Where several architectures are.");
    }

    static OptionSpec flag(String name, String description) {
        return OptionSpec.builder(name).type(boolean.class).description(description).build();
    }

    static PositionalParamSpec positional(
            int index, String label, boolean required, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .paramLabel(label)
                .type(String.class)
                .required(required)
                .arity(required ? "1" : "0..1")
                .description(description)
                .build();
    }

    static Path path(ParseResult options, String option) {
        return options.matchedOptionValue(option, Path.of(""));
    }

    static List<String> values(ParseResult options, String option) {
        return List.copyOf(options.matchedOptionValue(option, List.<String>of()));
    }

    /** Where, with which keys, when, and how. */
    Publisher publisher(ParseResult options) throws FlipsideException {
        return new Publisher(
                path(options, REPO),
                path(options, KEYS),
                clock.source(),
                expiry(options),
                has(options, PROPOSE));
    }

    private static boolean has(ParseResult options, String name) {
        return options.commandSpec().findOption(name) != null && options.hasMatchedOption(name);
    }

    static Map<Role, Integer> expiry(ParseResult options) throws FlipsideException {
        Map<Role, Integer> days = new EnumMap<>(Role.class);
        if (has(options, EXPIRES_DAYS)) {
            int online = days(EXPIRES_DAYS, options.matchedOptionValue(EXPIRES_DAYS, 0).toString());
            days.put(Role.TARGETS, online);
            days.put(Role.SNAPSHOT, online);
            days.put(Role.TIMESTAMP, online);
        }
        if (has(options, ROOT_EXPIRES_DAYS)) {
            days.put(
                    Role.ROOT,
                    days(
                            ROOT_EXPIRES_DAYS,
                            options.matchedOptionValue(ROOT_EXPIRES_DAYS, 0).toString()));
        }
        if (has(options, EXPIRES)) {
            for (String value : values(options, EXPIRES)) {
                String[] parts = parts(EXPIRES, "ROLE=DAYS", value);
                days.put(role(EXPIRES, parts[0]), days(EXPIRES, parts[1]));
            }
        }
        return days;
    }

    static Role role(String option, String text) throws FlipsideException {
        Seat seat = Seat.parse(option, text);
        if (seat.group().isPresent()) {
            throw Command.invalid(option, "a role", text);
        }
        return seat.role();
    }

    private static int days(String option, String text) throws FlipsideException {
        return number(option, text, Lifetimes.MAX_DAYS);
    }

    static int number(String option, String text, int highest) throws FlipsideException {
        if (!text.matches("[0-9]{1,9}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > highest) {
            throw Command.invalid(option, "a number from 1 to " + highest, text);
        }
        return Integer.parseInt(text);
    }

    private static String[] parts(String option, String form, String value)
            throws FlipsideException {
        String[] parts = value.split("=", -1);
        if (parts.length != 2) {
            throw Command.invalid(option, form, value);
        }
        return parts;
    }

    static Map<Seat, Integer> thresholds(ParseResult options) throws FlipsideException {
        Map<Seat, Integer> thresholds = new TreeMap<>();
        for (String value : values(options, THRESHOLD)) {
            String[] parts = parts(THRESHOLD, "ROLE=K or ROLE.GROUP=K", value);
            thresholds.put(
                    Seat.parse(THRESHOLD, parts[0]), number(THRESHOLD, parts[1], MAX_THRESHOLD));
        }
        return thresholds;
    }

    static Choice choice(ParseResult options) throws FlipsideException {
        return new Choice(
                Optional.ofNullable(options.matchedOptionValue(PRODUCT, null)),
                architecture(options),
                Optional.ofNullable(options.matchedOptionValue(CHANNEL, null)));
    }

    private static Optional<Architecture> architecture(ParseResult options)
            throws FlipsideException {
        String code = options.matchedOptionValue(ARCH, null);
        if (code == null) {
            return Optional.empty();
        }
        for (Architecture architecture : Architecture.values()) {
            if (architecture.code().equals(code)) {
                return Optional.of(architecture);
            }
        }
        throw Command.invalid(ARCH, architectures(), code);
    }

    private static String architectures() {
        return Arrays.stream(Architecture.values())
                .map(Architecture::code)
                .collect(Collectors.joining("|"));
    }

    /** Prints what was done, or that it waits for signatures, and for which. */
    static void result(Console console, ObjectNode object, String done, Outcome outcome) {
        switch (outcome) {
            case Outcome.Published published -> {
                object.put("published", true);
                console.result(object, done);
            }
            case Outcome.Proposed proposed -> {
                object.put("published", false);
                ArrayNode payloads = object.putArray("payloads");
                proposed.payloads().forEach(payloads::add);
                ArrayNode missing = object.putArray("missing");
                proposed.missing().forEach(missing::add);
                console.result(
                        object,
                        "proposed, not published yet: "
                                + done
                                + "\nto be signed: "
                                + String.join(", ", proposed.payloads())
                                + proposed.missing().stream()
                                        .map(line -> "\nmissing: " + line)
                                        .collect(Collectors.joining()));
            }
        }
    }
}
