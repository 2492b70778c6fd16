package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.updater.lifecycle.Target.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides whether a host that has another release as its next boot reboots by itself. Pure. An
 * operator who reboots asks nobody.
 */
public final class RebootPlanner {
    private RebootPlanner() {}

    /**
     * Decides about a reboot that is pending.
     *
     * @param pending what the next boot is
     */
    public static RebootDecision plan(HostFacts host, Target pending, Policy policy, Instant now) {
        boolean leaves = host.runsWithdrawn() && policy.withdrawal() != WithdrawalResponse.STAY;
        List<RuleResult> rules = new ArrayList<>();
        if (pending.intent() == Intent.UPDATE) {
            rules.add(WishRules.hold(policy));
        }
        rules.add(WishRules.pin(policy, pending.release().version()));
        rules.add(WishRules.configuration(policy));
        rules.add(byItself(policy.reboot()));
        if (policy.reboot() == RebootStrategy.WINDOW) {
            rules.add(TimingRules.window(policy, leaves, now));
        }
        if (!rules.stream().allMatch(RuleResult::passed)) {
            return new RebootDecision.Wait(rules);
        }
        return policy.reboot() == RebootStrategy.SENTINEL
                ? new RebootDecision.Announce(rules)
                : new RebootDecision.Restart(rules);
    }

    private static RuleResult byItself(RebootStrategy strategy) {
        return result(
                Rule.REBOOT_BY_HAND,
                strategy != RebootStrategy.NEVER,
                "a host that reboots by itself",
                "reboot = \"%s\"".formatted(strategy.code()),
                "flipctl reboot, or set '[policy] reboot'");
    }
}
