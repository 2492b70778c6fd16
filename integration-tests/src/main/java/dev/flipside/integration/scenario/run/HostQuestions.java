package dev.flipside.integration.scenario.run;

import dev.flipside.integration.scenario.Step.Until;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** What the guest's updater is asked, and how long it is waited for. */
final class HostQuestions {
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(90);

    private final Guest guest;

    /** The boot whose end was asked for: what it still answers does not count. */
    private String leftBoot = "";

    private boolean leftBootAnswers;

    HostQuestions(Guest guest) {
        this.guest = guest;
    }

    /** From now on, only another boot counts. */
    void leaves(String bootId) {
        leftBoot = bootId;
    }

    void forgetBoot() {
        leftBoot = "";
    }

    void await(Until until, Deadline deadline) throws IOException, StepFailedException {
        if (until == Until.STARTED) {
            return;
        }
        Optional<HostReport> last = Optional.empty();
        while (true) {
            Optional<HostReport> report = report(command(until, deadline), deadline);
            last = report.isPresent() ? report : last;
            if (report.isPresent() && reached(until, report.get())) {
                return;
            }
            if (!guest.isOn()) {
                throw new StepFailedException(expected(until), "that the machine went off");
            }
            if (deadline.passed()) {
                throw new StepFailedException(
                        expected(until) + " in time",
                        last.map(HostReport::words).orElseGet(this::silence));
            }
            guest.pause(deadline.atMost(POLL));
        }
    }

    private String silence() {
        return leftBootAnswers
                ? "that the boot which was to end still answers"
                : "no answer from the guest";
    }

    /** While there is time, a boot is left alone; then it has to say how far it is. */
    private String command(Until until, Deadline deadline) {
        return until == Until.REACHABLE || deadline.left().compareTo(ANSWER) <= 0
                ? HostReport.STATUS_COMMAND
                : HostReport.statusAfterBoot(leftBoot);
    }

    private static boolean reached(Until until, HostReport report) {
        return switch (until) {
            case STARTED, REACHABLE -> true;
            case HEALTHY -> report.healthy();
            case REBOOT_PENDING -> report.state().equals("reboot-pending");
        };
    }

    private static String expected(Until until) {
        return switch (until) {
            case STARTED, REACHABLE -> "a host that answers";
            case HEALTHY -> "a release that is committed, and nothing under way";
            case REBOOT_PENDING -> "a reboot that is pending";
        };
    }

    /** Waits for the first answer. */
    HostReport require(Deadline deadline) throws IOException, StepFailedException {
        while (true) {
            Optional<HostReport> report = report(HostReport.STATUS_COMMAND, deadline);
            if (report.isPresent()) {
                return report.get();
            }
            if (deadline.passed() || !guest.isOn()) {
                throw new StepFailedException(
                        "a host that answers",
                        guest.isOn() ? "no answer" : "that the machine is off");
            }
            guest.pause(deadline.atMost(POLL));
        }
    }

    Optional<HostReport> wholeReport(Deadline deadline) throws IOException {
        return report(HostReport.WHOLE_COMMAND, deadline);
    }

    private Optional<HostReport> report(String command, Deadline deadline) throws IOException {
        if (!guest.isOn()) {
            return Optional.empty();
        }
        Optional<HostReport> report =
                guest.run(command, deadline.atMost(ANSWER))
                        .filter(answer -> answer.exitCode() == 0)
                        .flatMap(answer -> HostReport.parse(answer.output()));
        leftBootAnswers = report.filter(it -> it.bootId().equals(leftBoot)).isPresent();
        return leftBootAnswers ? Optional.empty() : report;
    }
}
