package dev.flipside.updater.journal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.lifecycle.Decision;
import dev.flipside.updater.lifecycle.ReleaseRef;
import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.Rule;
import dev.flipside.updater.lifecycle.RuleResult;
import dev.flipside.updater.lifecycle.Target;
import dev.flipside.updater.lifecycle.UpdateState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The values of the lifecycle as JSON: in {@code state.json}, and for programs that ask. */
public final class LifecycleJson {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private LifecycleJson() {}

    public static ObjectNode state(UpdateState state) {
        ObjectNode node = StrictJson.object().put("name", state.name());
        state.target().ifPresent(target -> node.set("target", target(target)));
        switch (state) {
            case UpdateState.Checking(UpdateState.Goal goal, _) -> node.put("goal", goal.code());
            case UpdateState.Held(String version, List<RuleResult> reasons) ->
                    node.put("version", version).set("reasons", rules(reasons));
            case UpdateState.Committed(ReleaseRef release) -> node.set("release", release(release));
            case UpdateState.RolledBack(ReleaseRef release, RollbackReason reason) ->
                    node.<ObjectNode>set("release", release(release)).set("reason", reason(reason));
            case UpdateState.Idle(),
                    UpdateState.Staging(_),
                    UpdateState.Staged(_),
                    UpdateState.Activating(_),
                    UpdateState.RebootPending(_),
                    UpdateState.Trial(_) -> {}
        }
        return node;
    }

    static UpdateState state(StateFields fields) throws FlipsideException {
        String name = fields.text("name");
        return switch (name) {
            case "idle" -> new UpdateState.Idle();
            case "checking" ->
                    new UpdateState.Checking(
                            fields.oneOf("goal", UpdateState.Goal.values(), UpdateState.Goal::code),
                            optionalTarget(fields));
            case "held" ->
                    new UpdateState.Held(
                            fields.text("version"), knownRules(fields.objects("reasons")));
            case "staging" -> new UpdateState.Staging(target(fields.object("target")));
            case "staged" -> new UpdateState.Staged(target(fields.object("target")));
            case "activating" -> new UpdateState.Activating(target(fields.object("target")));
            case "reboot-pending" -> new UpdateState.RebootPending(target(fields.object("target")));
            case "trial" -> new UpdateState.Trial(target(fields.object("target")));
            case "committed" -> new UpdateState.Committed(release(fields.object("release")));
            case "rolled-back" ->
                    new UpdateState.RolledBack(
                            release(fields.object("release")), reason(fields.object("reason")));
            default -> throw fields.wrong("name", "a state known here");
        };
    }

    public static ObjectNode release(ReleaseRef release) {
        ObjectNode node =
                StrictJson.object()
                        .put("product", release.product())
                        .put("version", release.version())
                        .put("rootHash", release.rootHash())
                        .put("uki", release.ukiDigest());
        release.signed()
                .ifPresent(
                        signed ->
                                node.put("manifest", signed.manifestDigest())
                                        .put("securityVersion", signed.securityVersion()));
        return node;
    }

    static ReleaseRef release(StateFields fields) throws FlipsideException {
        Optional<ReleaseRef.Signed> signed =
                fields.optionalText("manifest").isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                new ReleaseRef.Signed(
                                        digest(fields, "manifest"),
                                        fields.number("securityVersion")));
        return new ReleaseRef(
                fields.text("product"),
                fields.text("version"),
                digest(fields, "rootHash"),
                digest(fields, "uki"),
                signed);
    }

    private static String digest(StateFields fields, String name) throws FlipsideException {
        String digest = fields.text(name);
        if (!SHA256.matcher(digest).matches()) {
            throw fields.wrong(name, "64 lowercase hex digits");
        }
        return digest;
    }

    private static ObjectNode target(Target target) {
        ObjectNode node = StrictJson.object().put("slot", target.slot().name());
        node.put("intent", target.intent().code()).set("release", release(target.release()));
        return node;
    }

    static Target target(StateFields fields) throws FlipsideException {
        return new Target(
                release(fields.object("release")),
                fields.oneOf("slot", SlotName.values(), SlotName::name),
                fields.oneOf("intent", Target.Intent.values(), Target.Intent::code));
    }

    private static Optional<Target> optionalTarget(StateFields fields) throws FlipsideException {
        Optional<StateFields> target = fields.optionalObject("target");
        return target.isEmpty() ? Optional.empty() : Optional.of(target(target.get()));
    }

    public static ObjectNode reason(RollbackReason reason) {
        ObjectNode node = StrictJson.object().put("cause", reason.cause().code());
        ArrayNode evidence = node.putArray("evidence");
        reason.evidence().forEach(evidence::add);
        return node;
    }

    static RollbackReason reason(StateFields fields) throws FlipsideException {
        return new RollbackReason(
                fields.known("cause", RollbackReason.Cause.values(), RollbackReason.Cause::code)
                        .orElse(RollbackReason.Cause.OTHER),
                fields.texts("evidence"));
    }

    public static ObjectNode decision(Decision decision) {
        ObjectNode node = StrictJson.object();
        switch (decision) {
            case Decision.Proceed(Target target, _) ->
                    node.put("outcome", "proceed").set("target", target(target));
            case Decision.Nothing(String reason, _) ->
                    node.put("outcome", "nothing").put("reason", reason);
            case Decision.Hold(String version, _) ->
                    node.put("outcome", "hold").put("version", version);
        }
        if (decision instanceof Decision.Hold hold) {
            hold.notBefore().ifPresent(at -> node.put("notBefore", at.toString()));
        }
        node.set("rules", rules(decision.rules()));
        return node;
    }

    /** Empty when a newer updater has decided in a way that this one does not know. */
    static Optional<Decision> decision(StateFields fields) throws FlipsideException {
        List<StateFields> objects = fields.objects("rules");
        List<RuleResult> rules = knownRules(objects);
        if (rules.size() != objects.size()) {
            return Optional.empty();
        }
        return switch (fields.text("outcome")) {
            case "proceed" ->
                    Optional.of(new Decision.Proceed(target(fields.object("target")), rules));
            case "nothing" -> Optional.of(new Decision.Nothing(fields.text("reason"), rules));
            case "hold" ->
                    rules.stream().allMatch(RuleResult::passed)
                            ? Optional.empty()
                            : Optional.of(new Decision.Hold(fields.text("version"), rules));
            default -> Optional.empty();
        };
    }

    /** The rules that were asked, as every decision has them. */
    public static ArrayNode rules(List<RuleResult> rules) {
        ArrayNode nodes = StrictJson.object().putArray("rules");
        for (RuleResult rule : rules) {
            ObjectNode node =
                    nodes.addObject()
                            .put("rule", rule.rule().code())
                            .put("passed", rule.passed())
                            .put("expected", rule.expected())
                            .put("found", rule.found())
                            .put("change", rule.change());
            rule.passesAt().ifPresent(at -> node.put("passesAt", at.toString()));
        }
        return nodes;
    }

    private static List<RuleResult> knownRules(List<StateFields> objects) throws FlipsideException {
        List<RuleResult> rules = new ArrayList<>();
        for (StateFields object : objects) {
            Optional<Rule> rule = object.known("rule", Rule.values(), Rule::code);
            if (rule.isPresent()) {
                rules.add(
                        new RuleResult(
                                rule.get(),
                                object.flag("passed"),
                                object.text("expected"),
                                object.text("found"),
                                object.text("change"),
                                object.optionalTime("passesAt")));
            }
        }
        return rules;
    }
}
