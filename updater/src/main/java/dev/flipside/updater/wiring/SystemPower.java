package dev.flipside.updater.wiring;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.updater.coordinator.Power;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Restarts a real host through systemd. */
final class SystemPower implements Power {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final String COMMAND = "systemctl reboot";

    private final RebootSentinel sentinel;

    SystemPower(RebootSentinel sentinel) {
        this.sentinel = sentinel;
    }

    @Override
    public void announce(boolean wanted) throws IOException {
        sentinel.announce(wanted);
    }

    @Override
    public boolean reboot() throws FlipsideException {
        try {
            ExternalPrograms.Outcome outcome =
                    ExternalPrograms.ofThisMachine()
                            .run(
                                    ExternalPrograms.Invocation.of(
                                            TIMEOUT, List.of("systemctl", "reboot")));
            if (!outcome.succeeded()) {
                throw failed(outcome.errors(), null);
            }
            return true;
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("an interrupt", e);
        }
    }

    private static FlipsideException failed(String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.PROGRAM_FAILED,
                        COMMAND,
                        "it to restart the machine",
                        found.strip(),
                        "restart the machine by hand"),
                cause);
    }
}
