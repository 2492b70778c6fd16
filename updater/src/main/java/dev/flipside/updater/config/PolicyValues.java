package dev.flipside.updater.config;

import dev.flipside.failure.FlipsideException;
import dev.flipside.toml.NearestName;
import dev.flipside.updater.lifecycle.MaintenanceWindow;
import dev.flipside.updater.lifecycle.MaintenanceWindows;
import dev.flipside.updater.lifecycle.PollSchedule;
import dev.flipside.updater.lifecycle.StagingTime;
import dev.flipside.updater.lifecycle.Timing;
import dev.flipside.updater.lifecycle.WithdrawalResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of {@code [policy]} that is about time. */
record PolicyValues(ConfigValues values) {
    private static final Duration MAX_AGE = Duration.ofDays(365);
    private static final Duration MIN_INTERVAL = Duration.ofMinutes(1);
    private static final Duration MAX_INTERVAL = Duration.ofDays(30);

    /** Far more than a week has use for; every decision looks at each. */
    private static final int MAX_WINDOWS = 64;

    /** What a host does about the waves of a rollout. */
    private enum Waves {
        FOLLOW("follow"),
        IGNORE("ignore");

        private final String code;

        Waves(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    Timing timing() throws FlipsideException {
        return new Timing(
                new MaintenanceWindows(windows(), zone()),
                values.choice(ConfigKey.POLICY_STAGE, StagingTime.values(), StagingTime::code),
                values.duration(ConfigKey.POLICY_MINIMUM_AGE, Duration.ZERO, MAX_AGE),
                values.choice(ConfigKey.POLICY_WAVES, Waves.values(), Waves::code) == Waves.FOLLOW);
    }

    WithdrawalResponse withdrawal() throws FlipsideException {
        return values.choice(
                ConfigKey.POLICY_WITHDRAWN, WithdrawalResponse.values(), WithdrawalResponse::code);
    }

    PollSchedule poll() throws FlipsideException {
        return new PollSchedule(
                values.duration(ConfigKey.POLICY_POLL_INTERVAL, MIN_INTERVAL, MAX_INTERVAL),
                values.duration(ConfigKey.POLICY_POLL_JITTER, Duration.ZERO, MAX_INTERVAL));
    }

    private List<MaintenanceWindow> windows() throws FlipsideException {
        List<String> texts = values.texts(ConfigKey.POLICY_WINDOWS);
        if (texts.size() > MAX_WINDOWS) {
            throw values.invalid(
                    ConfigKey.POLICY_WINDOWS,
                    "at most %d windows".formatted(MAX_WINDOWS),
                    Integer.toString(texts.size()));
        }
        List<MaintenanceWindow> windows = new ArrayList<>();
        for (String text : texts) {
            Optional<MaintenanceWindow> window = PolicyText.window(text);
            if (window.isEmpty()) {
                throw values.invalid(
                        ConfigKey.POLICY_WINDOWS,
                        "windows as 'Sat,Sun 22:00-06:00', 'Mon..Fri 01:00 4h' or 'daily 02:30 1h',"
                                + " of 7d at most,",
                        "'%s'".formatted(text));
            }
            windows.add(window.get());
        }
        return windows;
    }

    private ZoneId zone() throws FlipsideException {
        String name = values.text(ConfigKey.POLICY_TIME_ZONE);
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            List<String> known = ZoneId.getAvailableZoneIds().stream().sorted().toList();
            throw values.invalid(
                    ConfigKey.POLICY_TIME_ZONE,
                    "a time zone",
                    "'%s'".formatted(name),
                    "did you mean '%s'?".formatted(NearestName.of(name, known)),
                    e);
        }
    }
}
