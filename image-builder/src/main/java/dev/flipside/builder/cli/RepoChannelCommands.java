package dev.flipside.builder.cli;

import static dev.flipside.builder.cli.RepoOptions.CHANNEL;
import static dev.flipside.builder.cli.RepoOptions.VERSION;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.repo.ChannelPromotion;
import dev.flipside.builder.repo.FloorRaise;
import dev.flipside.builder.repo.GarbageCollection;
import dev.flipside.builder.repo.Outcome;
import dev.flipside.builder.repo.ReleaseWithdrawal;
import dev.flipside.builder.repo.Waves;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.repository.Channel;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The commands below {@code repo} that are about channels and the releases that they name. */
record RepoChannelCommands(RepoOptions shared) {
    private static final String WAVES = "--waves";
    private static final String STEPPING_STONE = "--stepping-stone";
    private static final String INSTEAD = "--instead";
    private static final String PIN_WINDOW = "--pin-window";
    private static final String KEEP_VERSION = "--keep-version";
    private static final String DRY_RUN = "--dry-run";
    private static final int MAX_RELEASES = 16384;

    Command promote() {
        return Command.of(
                "promote",
                "Points a channel to a published release.",
                List.of(
                        RepoOptions.positional(0, "CHANNEL", false, "As --channel."),
                        RepoOptions.positional(1, "VERSION", false, "As --version."),
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        RepoOptions.product(),
                        RepoOptions.architecture(),
                        channel("As hosts name it."),
                        Command.option(
                                VERSION, "V", String.class, false, "Version of the release."),
                        Command.option(
                                WAVES,
                                "PERCENT@TIME,…",
                                String.class,
                                false,
                                "Who may update when, as 5@+0h,50@+1d,100@+3d; everyone now."),
                        RepoOptions.flag(
                                STEPPING_STONE, "No host may skip this release from now on."),
                        RepoOptions.expiresDays(),
                        RepoOptions.propose()),
                this::promote);
    }

    private static OptionSpec channel(String description) {
        return Command.option(CHANNEL, "NAME", String.class, false, description);
    }

    private void promote(ParseResult options, Console console)
            throws FlipsideException, IOException {
        String waves = options.matchedOptionValue(WAVES, null);
        ChannelPromotion.Request request =
                new ChannelPromotion.Request(
                        RepoOptions.choice(options),
                        either(options, 0, CHANNEL),
                        either(options, 1, VERSION),
                        waves == null
                                ? List.of()
                                : Waves.parse(waves, shared.clock().source().instant()),
                        options.hasMatchedOption(STEPPING_STONE));
        ChannelPromotion.Promoted promoted =
                ChannelPromotion.run(shared.publisher(options), request);
        Channel channel = promoted.channel();
        RepoOptions.result(console, json(channel), words(channel), promoted.outcome());
    }

    private static String either(ParseResult options, int index, String option)
            throws FlipsideException {
        String named = options.matchedOptionValue(option, null);
        String positional = options.matchedPositionalValue(index, null);
        if ((named == null) == (positional == null)) {
            throw Command.invalid(
                    option,
                    "a value, as an option or in its place",
                    named == null ? "none" : named + " and " + positional);
        }
        return named == null ? positional : named;
    }

    private static ObjectNode json(Channel channel) {
        ObjectNode object =
                StrictJson.object()
                        .put("product", channel.product())
                        .put("architecture", channel.architecture().code())
                        .put("channel", channel.name())
                        .put("version", channel.release().version())
                        .put("manifestSha256", channel.release().manifestSha256())
                        .put("securityFloor", channel.securityFloor());
        ArrayNode waves = object.putArray("waves");
        channel.waves()
                .forEach(
                        wave ->
                                waves.addObject()
                                        .put("start", wave.start().toString())
                                        .put("percent", wave.percent()));
        return object;
    }

    private static String words(Channel channel) {
        return "channel %s of %s for %s points to %s%s"
                .formatted(
                        channel.name(),
                        channel.product(),
                        channel.architecture().code(),
                        channel.release().version(),
                        channel.waves().stream()
                                .map(
                                        wave ->
                                                ", %d %% from %s"
                                                        .formatted(wave.percent(), wave.start()))
                                .collect(Collectors.joining()));
    }

    Command withdraw() {
        return Command.of(
                "withdraw",
                "Makes hosts refuse a release, and leave it.",
                List.of(
                        RepoOptions.positional(0, "VERSION", true, "Version of the release."),
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        Command.option(
                                INSTEAD,
                                "V",
                                String.class,
                                false,
                                "Where channels point from now on that point to VERSION."),
                        channel("Only in this channel."),
                        RepoOptions.product(),
                        RepoOptions.architecture(),
                        RepoOptions.expiresDays(),
                        RepoOptions.propose()),
                this::withdraw);
    }

    private void withdraw(ParseResult options, Console console)
            throws FlipsideException, IOException {
        String version = options.matchedPositionalValue(0, "");
        ReleaseWithdrawal.Withdrawn withdrawn =
                ReleaseWithdrawal.run(
                        shared.publisher(options),
                        new ReleaseWithdrawal.Request(
                                RepoOptions.choice(options),
                                version,
                                Optional.ofNullable(options.matchedOptionValue(INSTEAD, null))));
        String left =
                withdrawn.leftBehind().stream()
                        .map(Channel::name)
                        .collect(Collectors.joining(", "));
        RepoOptions.result(
                console,
                listed(withdrawn.channels()).put("withdrawn", version),
                "%s is withdrawn from %s%s"
                        .formatted(
                                version,
                                names(withdrawn.channels()),
                                left.isEmpty()
                                        ? ""
                                        : "; nothing to go to yet in "
                                                + left
                                                + ": promote another release"),
                withdrawn.outcome());
    }

    private static ObjectNode listed(List<Channel> channels) {
        ObjectNode object = StrictJson.object();
        ArrayNode list = object.putArray("channels");
        channels.forEach(channel -> list.add(json(channel)));
        return object;
    }

    private static String names(List<Channel> channels) {
        return channels.stream().map(Channel::name).distinct().collect(Collectors.joining(", "));
    }

    Command floor() {
        return Command.of(
                "floor",
                "Raises the lowest security version that hosts may go to.",
                List.of(
                        RepoOptions.positional(0, "N", true, "The security version."),
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        channel("Only of this channel."),
                        RepoOptions.product(),
                        RepoOptions.architecture(),
                        RepoOptions.expiresDays(),
                        RepoOptions.propose()),
                this::floor);
    }

    private void floor(ParseResult options, Console console) throws FlipsideException, IOException {
        int floor =
                RepoOptions.number("N", options.matchedPositionalValue(0, ""), Integer.MAX_VALUE);
        FloorRaise.Raised raised =
                FloorRaise.run(shared.publisher(options), RepoOptions.choice(options), floor);
        RepoOptions.result(
                console,
                listed(raised.channels()).put("securityFloor", floor),
                "the security floor of " + names(raised.channels()) + " is " + floor,
                raised.outcome());
    }

    Command gc() {
        return Command.of(
                "gc",
                "Drops releases that nobody needs, and removes files that nobody is led to.",
                List.of(
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        Command.option(
                                PIN_WINDOW,
                                "N",
                                Integer.class,
                                false,
                                "How many of the newest releases stay; 10."),
                        Command.repeatable(KEEP_VERSION, "V", "A release that stays anyway."),
                        RepoOptions.flag(DRY_RUN, "Only say what would go."),
                        RepoOptions.expiresDays(),
                        RepoOptions.propose()),
                this::gc);
    }

    private void gc(ParseResult options, Console console) throws FlipsideException, IOException {
        int window =
                RepoOptions.number(
                        PIN_WINDOW,
                        options.matchedOptionValue(
                                        PIN_WINDOW, GarbageCollection.Request.DEFAULT_PIN_WINDOW)
                                .toString(),
                        MAX_RELEASES);
        boolean dryRun = options.hasMatchedOption(DRY_RUN);
        GarbageCollection.Collected collected =
                GarbageCollection.run(
                        shared.publisher(options),
                        new GarbageCollection.Request(
                                window,
                                new HashSet<>(RepoOptions.values(options, KEEP_VERSION)),
                                dryRun));
        ObjectNode object = StrictJson.object();
        collected.dropped().forEach(object.putArray("dropped")::add);
        object.put("files", collected.files()).put("bytes", collected.bytes());
        String text =
                "%s%d release(s) dropped%s, %d file(s) with %d bytes removed%s"
                        .formatted(
                                dryRun ? "would be: " : "",
                                collected.dropped().size(),
                                collected.dropped().isEmpty()
                                        ? ""
                                        : " (" + String.join(", ", collected.dropped()) + ")",
                                collected.files(),
                                collected.bytes(),
                                collected.dropped().isEmpty()
                                        ? ""
                                        : "; files of dropped releases go with the next run");
        Optional<Outcome> outcome = collected.outcome();
        if (outcome.isPresent()) {
            RepoOptions.result(console, object, text, outcome.get());
        } else {
            console.result(object, text);
        }
    }
}
