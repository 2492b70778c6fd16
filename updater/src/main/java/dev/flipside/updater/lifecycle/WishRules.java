package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

/** The rules that ask what the operator has said: hold and pin. */
final class WishRules {
    private WishRules() {}

    static RuleResult hold(Policy policy) {
        return result(
                Rule.HOLD,
                !policy.hold(),
                "no hold",
                policy.hold() ? "updates on hold" : "no hold",
                "flipctl unhold");
    }

    static RuleResult pin(Policy policy, String version) {
        return result(
                        Rule.PIN,
                        policy.pin().isEmpty() || policy.pin().get().equals(version),
                        policy.pinned()
                                .map(pin -> "the pinned version " + words(pin, policy))
                                .orElse("any version"),
                        version,
                        "flipctl unpin, or flipctl pin " + version)
                .untilAt(policy.pinned().flatMap(Pin::until));
    }

    /** A pin that keeps the host where it is, while its channel offers another version. */
    static RuleResult pinnedHere(Policy policy, String running, String offered) {
        return result(
                        Rule.PIN,
                        false,
                        "the pinned version "
                                + policy.pinned().map(pin -> words(pin, policy)).orElse(running),
                        offered + " from the channel",
                        "flipctl unpin")
                .untilAt(policy.pinned().flatMap(Pin::until));
    }

    private static String words(Pin pin, Policy policy) {
        return pin.version()
                + pin.until()
                        .map(it -> " until " + TimeWords.of(it, policy.timing().zone()))
                        .orElse("");
    }
}
