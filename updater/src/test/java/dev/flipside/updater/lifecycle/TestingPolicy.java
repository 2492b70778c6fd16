package dev.flipside.updater.lifecycle;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import java.time.Duration;
import java.util.Optional;

/** Policies that hold nothing, but for what a test changes. */
final class TestingPolicy {
    private TestingPolicy() {}

    static Policy free() {
        return rebooting(RebootStrategy.NEVER, Timing.any());
    }

    static Policy held() {
        return held(free());
    }

    static Policy held(Policy policy) {
        return new Policy(
                policy.channel(),
                policy.pinned(),
                true,
                policy.reboot(),
                policy.timing(),
                policy.withdrawal());
    }

    /** With a slip in line 3 of what the operator wrote. */
    static Policy misread(RebootStrategy reboot) {
        Policy policy = rebooting(reboot, Timing.any());
        return new Policy(
                policy.channel(),
                policy.pinned(),
                policy.hold(),
                policy.reboot(),
                policy.timing(),
                policy.withdrawal(),
                Optional.of(
                        new Failure(
                                FailureCode.CONFIG_INVALID,
                                "flipside.toml, line 3",
                                "a known key",
                                "[policy] chanel",
                                "did you mean 'channel'?")));
    }

    static Policy pinned(String version) {
        return pinned(Pin.to(version));
    }

    static Policy pinned(Pin pin) {
        Policy policy = free();
        return new Policy(
                policy.channel(),
                Optional.of(pin),
                policy.hold(),
                policy.reboot(),
                policy.timing(),
                policy.withdrawal());
    }

    static Policy rebooting(RebootStrategy strategy, Timing timing) {
        return new Policy(
                "stable", Optional.empty(), false, strategy, timing, WithdrawalResponse.WINDOW);
    }

    static Policy timed(Timing timing) {
        return rebooting(RebootStrategy.NEVER, timing);
    }

    static Policy windows(MaintenanceWindows windows, StagingTime staging) {
        return timed(new Timing(windows, staging, Duration.ZERO, true));
    }

    static Policy withdrawal(WithdrawalResponse response, Timing timing) {
        return new Policy(
                "stable", Optional.empty(), false, RebootStrategy.NEVER, timing, response);
    }
}
