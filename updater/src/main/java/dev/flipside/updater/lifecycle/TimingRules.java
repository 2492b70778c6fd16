package dev.flipside.updater.lifecycle;

import static dev.flipside.updater.lifecycle.RuleResult.result;

import dev.flipside.updater.lifecycle.MaintenanceWindow.Opening;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** The rules that ask what time it is. */
final class TimingRules {
    private TimingRules() {}

    /**
     * What an operator or a pin names waits for no age.
     *
     * @param leaves whether the host leaves a release that was withdrawn
     */
    static RuleResult minimumAge(
            Wanted wanted, Candidate.Found candidate, Policy policy, boolean leaves, Instant now) {
        Timing timing = policy.timing();
        Instant created = candidate.manifest().created();
        Instant oldEnough = created.plus(timing.minimumAge());
        boolean asked =
                wanted.by() == Wanted.By.CHANNEL && !leaves && timing.minimumAge().isPositive();
        return result(
                        Rule.MINIMUM_AGE,
                        !asked || !now.isBefore(oldEnough),
                        asked
                                ? "a release that is %s old"
                                        .formatted(TimeWords.of(timing.minimumAge()))
                                : "a release of any age",
                        "one of " + TimeWords.of(created, timing.zone()),
                        "wait until %s, or go there now with 'flipctl update %s'"
                                .formatted(
                                        TimeWords.of(oldEnough, timing.zone()),
                                        candidate.version()))
                .untilAt(Optional.of(oldEnough));
    }

    /** Whether the inactive slot, which is where the host could roll back to, may be written. */
    static RuleResult windowToStage(Policy policy, boolean leaves, Instant now) {
        return policy.timing().staging() == StagingTime.AT_ONCE
                ? passed("staging at once")
                : window(policy, leaves, now);
    }

    /** Whether the host may change. */
    static RuleResult window(Policy policy, boolean leaves, Instant now) {
        MaintenanceWindows windows = policy.timing().windows();
        ZoneId zone = windows.zone();
        if (leaves && policy.withdrawal() == WithdrawalResponse.AT_ONCE) {
            return passed("leaving a withdrawn release at once");
        }
        if (windows.windows().isEmpty()) {
            return passed("no windows");
        }
        Optional<Opening> open = windows.openingAt(now);
        Optional<Instant> next = windows.nextOpening(now);
        return result(
                        Rule.WINDOW,
                        open.isPresent(),
                        "a time in " + windows.words(),
                        open.map(it -> "open until " + TimeWords.of(it.until(), zone))
                                .orElse(TimeWords.of(now, zone)),
                        next.map(it -> "wait until " + TimeWords.of(it, zone))
                                .orElse("none opens within two weeks: set '[policy] windows'"))
                .untilAt(next);
    }

    private static RuleResult passed(String found) {
        return result(Rule.WINDOW, true, "a time at which the host may change", found, "");
    }
}
