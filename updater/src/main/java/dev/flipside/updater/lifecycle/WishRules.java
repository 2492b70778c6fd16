package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

/** The rules that ask what the operator has said: hold, pin, and whether it was understood. */
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

    /** What was not understood may have been a window, a proxy or another channel. */
    static RuleResult configuration(Policy policy) {
        return policy.misread()
                .map(
                        failure ->
                                result(
                                        Rule.CONFIGURATION,
                                        false,
                                        failure.expected(),
                                        "%s at %s".formatted(failure.found(), failure.what()),
                                        failure.action()))
                .orElseGet(
                        () ->
                                result(
                                        Rule.CONFIGURATION,
                                        true,
                                        "a configuration that is understood",
                                        "a configuration that is understood",
                                        "flipctl config check"));
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
