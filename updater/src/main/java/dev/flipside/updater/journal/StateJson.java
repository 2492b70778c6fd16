package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.journal.HostState.Checked;
import dev.flipside.updater.journal.HostState.Doing;
import dev.flipside.updater.journal.HostState.Failed;
import dev.flipside.updater.lifecycle.BootReview.Running;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.Setback;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code state.json}, format 1. A reader keeps fields that it does not know, so that a release that
 * was rolled back from loses nothing; it refuses a format that it does not know.
 */
final class StateJson {
    static final int FORMAT = 1;

    private static final Set<String> KNOWN =
            Set.of(
                    "format",
                    "state",
                    "doing",
                    "pin",
                    "hold",
                    "floor",
                    "running",
                    "releases",
                    "setbacks",
                    "checked",
                    "asked",
                    "failed",
                    "pinUntil",
                    "withdrawn");

    private StateJson() {}

    static byte[] write(HostState host) {
        ObjectNode root = StrictJson.object().put("format", FORMAT);
        root.set("state", LifecycleJson.state(host.state()));
        host.doing()
                .ifPresent(
                        doing ->
                                root.putObject("doing")
                                        .put("command", doing.command())
                                        .put("since", doing.since().toString()));
        host.pin().ifPresent(pin -> pin(root, pin));
        root.put("hold", host.hold()).put("floor", host.floor());
        host.running()
                .ifPresent(
                        running ->
                                root.putObject("running")
                                        .put("slot", running.slot().name())
                                        .set("release", LifecycleJson.release(running.release())));
        ArrayNode releases = root.putArray("releases");
        host.releases().forEach(release -> releases.add(LifecycleJson.release(release)));
        ArrayNode setbacks = root.putArray("setbacks");
        host.setbacks().forEach(setback -> setbacks.add(setback(setback)));
        host.checked()
                .ifPresent(
                        checked ->
                                root.putObject("checked")
                                        .put("at", checked.at().toString())
                                        .set(
                                                "decision",
                                                LifecycleJson.decision(checked.decision())));
        host.asked().ifPresent(at -> root.put("asked", at.toString()));
        host.failed()
                .ifPresent(
                        failed ->
                                root.putObject("failed")
                                        .put("at", failed.at().toString())
                                        .put("code", failed.code().code())
                                        .put("line", failed.line()));
        ArrayNode withdrawn = root.putArray("withdrawn");
        host.withdrawn().stream().sorted().forEach(withdrawn::add);
        root.setAll(host.unknown());
        return StrictJson.pretty(root);
    }

    static HostState read(byte[] bytes) throws FlipsideException {
        ObjectNode tree = StrictJson.parse(bytes, StateFields.WHAT, FailureCode.STATE_MALFORMED);
        StateFields root = new StateFields(tree, "");
        if (root.number("format") != FORMAT) {
            throw root.wrong("format", "format " + FORMAT);
        }
        List<ReleaseRef> releases = new ArrayList<>();
        for (StateFields release : root.objects("releases")) {
            releases.add(LifecycleJson.release(release));
        }
        List<Setback> setbacks = new ArrayList<>();
        for (StateFields setback : root.objects("setbacks")) {
            setbacks.add(setback(setback));
        }
        return new HostState(
                LifecycleJson.state(root.object("state")),
                doing(root),
                pin(root),
                root.flag("hold"),
                root.number("floor"),
                running(root),
                releases,
                setbacks,
                checked(root),
                root.optionalTime("asked"),
                failed(root),
                Set.copyOf(root.texts("withdrawn")),
                unknown(tree));
    }

    /**
     * Beside the version, which is all that an older updater knows: it takes the pin as one without
     * an end. The version stands in both, so that the end of an older pin is none of a newer one.
     */
    private static void pin(ObjectNode root, Pin pin) {
        root.put("pin", pin.version());
        pin.until()
                .ifPresent(
                        until ->
                                root.putObject("pinUntil")
                                        .put("version", pin.version())
                                        .put("at", until.toString()));
    }

    private static Optional<Pin> pin(StateFields root) throws FlipsideException {
        Optional<String> version = root.optionalText("pin");
        Optional<StateFields> until = root.optionalObject("pinUntil");
        if (version.isEmpty() || until.isEmpty()) {
            return version.map(Pin::to);
        }
        Instant at = until.get().time("at");
        boolean ofThisPin = until.get().text("version").equals(version.get());
        return Optional.of(new Pin(version.get(), ofThisPin ? Optional.of(at) : Optional.empty()));
    }

    private static Optional<Doing> doing(StateFields root) throws FlipsideException {
        Optional<StateFields> doing = root.optionalObject("doing");
        return doing.isEmpty()
                ? Optional.empty()
                : Optional.of(new Doing(doing.get().text("command"), doing.get().time("since")));
    }

    private static Optional<Running> running(StateFields root) throws FlipsideException {
        Optional<StateFields> running = root.optionalObject("running");
        return running.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Running(
                                running.get().oneOf("slot", SlotName.values(), SlotName::name),
                                LifecycleJson.release(running.get().object("release"))));
    }

    private static Optional<Checked> checked(StateFields root) throws FlipsideException {
        Optional<StateFields> checked = root.optionalObject("checked");
        if (checked.isEmpty()) {
            return Optional.empty();
        }
        Instant at = checked.get().time("at");
        return LifecycleJson.decision(checked.get().object("decision"))
                .map(decision -> new Checked(at, decision));
    }

    private static Optional<Failed> failed(StateFields root) throws FlipsideException {
        Optional<StateFields> failed = root.optionalObject("failed");
        if (failed.isEmpty()) {
            return Optional.empty();
        }
        String code = failed.get().text("code");
        for (FailureCode known : FailureCode.values()) {
            if (known.code().equals(code)) {
                return Optional.of(
                        new Failed(failed.get().time("at"), known, failed.get().text("line")));
            }
        }
        return Optional.empty();
    }

    private static ObjectNode setback(Setback setback) {
        ObjectNode node = StrictJson.object().put("at", setback.at().toString());
        node.put("rejects", setback.rejects());
        node.set("release", LifecycleJson.release(setback.release()));
        node.set("reason", LifecycleJson.reason(setback.reason()));
        return node;
    }

    private static Setback setback(StateFields fields) throws FlipsideException {
        return new Setback(
                LifecycleJson.release(fields.object("release")),
                LifecycleJson.reason(fields.object("reason")),
                fields.time("at"),
                fields.flag("rejects"));
    }

    private static ObjectNode unknown(ObjectNode tree) {
        ObjectNode unknown = StrictJson.object();
        for (java.util.Map.Entry<String, JsonNode> field : tree.properties()) {
            if (!KNOWN.contains(field.getKey())) {
                unknown.set(field.getKey(), field.getValue());
            }
        }
        return unknown;
    }
}
