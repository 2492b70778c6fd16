package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.journal.LifecycleJson;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.HostFacts;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.Setback;
import dev.flipside.updater.lifecycle.Target;
import dev.flipside.updater.lifecycle.UpdateState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a host says of itself: status, why and history. */
public final class Reports {
    private static final int LABEL_WIDTH = 12;

    /** Of a release, people read the version; {@code --json} has the rest. */
    private static final Set<String> FOR_PROGRAMS =
            Set.of("product", "rootHash", "uki", "manifest", "securityVersion");

    private Reports() {}

    /** What runs, and what is going on. */
    public static Report status(Status status) {
        return new Report(json(status), lines(status));
    }

    /** The last decision, rule by rule, and what was undone. */
    public static Report why(HostState memory) {
        List<String> lines = new ArrayList<>();
        lines.add(sentence(memory.state()));
        ArrayNode setbacks = StrictJson.object().putArray("setbacks");
        for (Setback setback : memory.setbacks()) {
            lines.add(sentence(setback));
            setbacks.add(json(setback));
        }
        ObjectNode node = StrictJson.object();
        node.set("state", LifecycleJson.state(memory.state()));
        node.set("setbacks", setbacks);
        memory.checked()
                .ifPresent(
                        checked -> {
                            lines.add("decided at " + inSeconds(checked.at()));
                            lines.addAll(explained(checked.decision()));
                            node.put("decidedAt", checked.at().toString())
                                    .set("decision", LifecycleJson.decision(checked.decision()));
                        });
        return new Report(node, lines);
    }

    /** What has happened, oldest first. */
    public static Report history(List<ObjectNode> entries) {
        ObjectNode node = StrictJson.object();
        node.putArray("entries").addAll(entries);
        return new Report(node, entries.stream().map(Reports::line).toList());
    }

    /** A decision for people: its line, and below it every rule that was asked. */
    static List<String> explained(Decision decision) {
        List<String> lines = new ArrayList<>();
        lines.add(decision.line());
        for (RuleResult rule : decision.rules()) {
            lines.add(
                    rule.passed()
                            ? "  passed  %-20s %s".formatted(rule.rule().code(), rule.found())
                            : "  held    %-20s expected %s, found %s; to change that: %s"
                                    .formatted(
                                            rule.rule().code(),
                                            rule.expected(),
                                            rule.found(),
                                            rule.change()));
        }
        return lines;
    }

    /** A state for people. */
    public static String sentence(UpdateState state) {
        return switch (state) {
            case UpdateState.Idle() -> "idle";
            case UpdateState.Checking(_, _) -> "checking: the repository is being asked";
            case UpdateState.Held(String version, List<RuleResult> reasons) ->
                    "held: %s, by %s"
                            .formatted(
                                    version,
                                    String.join(
                                            ", ",
                                            reasons.stream().map(it -> it.rule().code()).toList()));
            case UpdateState.Staging(Target to) -> "staging: %s is being written".formatted(at(to));
            case UpdateState.Staged(Target to) -> "staged: %s stands ready".formatted(at(to));
            case UpdateState.Activating(Target to) ->
                    "activating: %s becomes the next boot".formatted(at(to));
            case UpdateState.RebootPending(Target to) ->
                    "reboot-pending: %s is the next boot".formatted(at(to));
            case UpdateState.Trial(Target to) -> "trial: %s is under test".formatted(at(to));
            case UpdateState.Committed(ReleaseRef release) ->
                    "committed: %s is kept".formatted(release.version());
            case UpdateState.RolledBack(ReleaseRef release, RollbackReason reason) ->
                    "rolled-back: %s was undone, as %s".formatted(release.version(), reason.line());
        };
    }

    private static String at(Target target) {
        return "%s in slot %s".formatted(target.release().version(), target.slot());
    }

    private static String sentence(Setback setback) {
        return "%s was undone at %s, as %s; %s"
                .formatted(
                        setback.release().version(),
                        inSeconds(setback.at()),
                        setback.reason().line(),
                        setback.rejects()
                                ? "it is rejected until 'flipctl allow %s'"
                                        .formatted(setback.release().version())
                                : "it gets one more try");
    }

    private static ObjectNode json(Setback setback) {
        ObjectNode node =
                StrictJson.object()
                        .put("version", setback.release().version())
                        .put("at", setback.at().toString())
                        .put("rejects", setback.rejects());
        node.set("reason", LifecycleJson.reason(setback.reason()));
        return node;
    }

    private static List<String> lines(Status status) {
        HostFacts facts = status.facts();
        List<String> lines = new ArrayList<>();
        lines.add(labelled("product", facts.product() + " for " + facts.architecture().code()));
        lines.add(
                labelled(
                        "booted",
                        "%s in slot %s, %s"
                                .formatted(
                                        facts.booted().words(),
                                        facts.booted().name(),
                                        facts.standing().words())));
        lines.add(
                labelled(
                        "other slot",
                        "%s in slot %s"
                                .formatted(facts.inactive().words(), facts.inactive().name())));
        lines.add(labelled("state", sentence(status.memory().state())));
        lines.add(
                labelled(
                        "policy",
                        "channel %s, %s, %s"
                                .formatted(
                                        status.policy().channel(),
                                        status.policy()
                                                .pinned()
                                                .map(Reports::pinned)
                                                .orElse("not pinned"),
                                        status.policy().hold() ? "on hold" : "not on hold")));
        lines.add(labelled("floor", Integer.toString(facts.floor())));
        status.memory()
                .checked()
                .ifPresent(
                        it ->
                                lines.add(
                                        labelled(
                                                "decided",
                                                "%s: %s"
                                                        .formatted(
                                                                inSeconds(it.at()),
                                                                it.decision().line()))));
        status.memory()
                .failed()
                .ifPresent(
                        it ->
                                lines.add(
                                        labelled(
                                                "failed",
                                                "%s: %s"
                                                        .formatted(
                                                                inSeconds(it.at()), it.line()))));
        warnings(status).forEach(it -> lines.add(labelled("warning", it)));
        return lines;
    }

    private static List<String> warnings(Status status) {
        HostFacts facts = status.facts();
        List<String> warnings = new ArrayList<>();
        status.policy()
                .misread()
                .ifPresent(
                        it ->
                                warnings.add(
                                        "nothing of the operator's configuration counts: "
                                                + it.line()));
        facts.foreignEntries().forEach(it -> warnings.add("foreign boot entry " + it));
        facts.loaderDefault()
                .ifPresent(it -> warnings.add("default or preferred boot entry " + it));
        if (!facts.backupTableAtEnd()) {
            warnings.add("the disk is larger than its partition table says");
        }
        if (facts.runsWithdrawn()) {
            warnings.add("the channel has withdrawn the release that runs");
        }
        return warnings;
    }

    private static String pinned(Pin pin) {
        return "pinned to "
                + pin.version()
                + pin.until().map(it -> " until " + inSeconds(it)).orElse("");
    }

    private static String labelled(String label, String text) {
        return ("%-" + LABEL_WIDTH + "s%s").formatted(label, text);
    }

    private static ObjectNode json(Status status) {
        HostFacts facts = status.facts();
        ObjectNode node =
                StrictJson.object()
                        .put("product", facts.product())
                        .put("architecture", facts.architecture().code());
        node.set("booted", json(facts.booted()));
        node.set("inactive", json(facts.inactive()));
        node.put("standing", facts.standing().words());
        node.set("state", LifecycleJson.state(status.memory().state()));
        node.put("channel", status.policy().channel());
        node.put("pin", status.policy().pin().orElse(null));
        node.put("hold", status.policy().hold());
        node.put("floor", facts.floor());
        ArrayNode warnings = node.putArray("warnings");
        warnings(status).forEach(warnings::add);
        status.memory()
                .failed()
                .ifPresent(
                        it ->
                                node.putObject("failed")
                                        .put("at", it.at().toString())
                                        .put("code", it.code().code())
                                        .put("line", it.line()));
        return node;
    }

    private static ObjectNode json(HostFacts.SlotFacts slot) {
        Optional<ReleaseRef> release = slot.release();
        return StrictJson.object()
                .put("slot", slot.name().name())
                .put("version", release.map(ReleaseRef::version).orElse(null))
                .put("rootHash", slot.rootHash());
    }

    private static String line(ObjectNode entry) {
        List<String> details = new ArrayList<>();
        flatten("", entry.path("details"), details);
        return "%s  %-14s %-18s %s"
                .formatted(
                        inSeconds(entry.path("at").asText()),
                        entry.path("event").asText(),
                        entry.path("code").asText(),
                        String.join(" ", details))
                .stripTrailing();
    }

    private static String inSeconds(String instant) {
        return instant.replaceFirst("\\.\\d+Z$", "Z");
    }

    private static String inSeconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void flatten(String prefix, JsonNode node, List<String> into) {
        node.properties()
                .forEach(
                        field -> {
                            JsonNode value = field.getValue();
                            if (value.isObject()) {
                                flatten(prefix + field.getKey() + ".", value, into);
                            } else if (!FOR_PROGRAMS.contains(field.getKey())) {
                                into.add("%s%s=%s".formatted(prefix, field.getKey(), value));
                            }
                        });
    }
}
