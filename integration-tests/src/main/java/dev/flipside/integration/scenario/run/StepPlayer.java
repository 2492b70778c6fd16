package dev.flipside.integration.scenario.run;

import dev.flipside.integration.scenario.Expectation;
import dev.flipside.integration.scenario.Expectation.What;
import dev.flipside.integration.scenario.Step;
import dev.flipside.integration.scenario.Step.Moment;
import dev.flipside.integration.scenario.Step.Until;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Does one step after the other, and remembers where on the serial console it is. */
final class StepPlayer {
    private static final Duration POLL = Duration.ofSeconds(2);
    private static final Duration GO_DOWN = Duration.ofMinutes(2);
    private static final String SINCE = "/run/flipside-test.since";

    private final Guest guest;
    private final Path base;
    private final HostQuestions host;

    /** The first line of the serial console that no expectation has passed over. */
    private int line;

    /**
     * Does steps on a guest.
     *
     * @param base what relative paths of a scenario are relative to
     */
    StepPlayer(Guest guest, Path base) {
        this.guest = guest;
        this.base = base;
        this.host = new HostQuestions(guest);
    }

    void play(Step step, Deadline deadline) throws IOException, StepFailedException {
        switch (step) {
            case Step.Boot(Until until) -> boot(until, deadline);
            case Step.Reboot(Until until) ->
                    reboot("systemctl reboot", host.require(deadline), until, deadline);
            case Step.Reset(Until until) -> {
                requireOn();
                fromHere();
                guest.reset();
                host.await(until, deadline);
            }
            case Step.Wait(Until until) -> host.await(until, deadline);
            case Step.CutPower(Moment when) -> cutPower(when, deadline);
            case Step.Stay(Duration length) -> stay(deadline, length);
            case Step.Update update -> update(update, deadline);
            case Step.Rollback rollback -> rollback(rollback, deadline);
            case Step.Flipctl flipctl ->
                    flipctl(
                            flipctl.verb() + flipctl.version().map(it -> " " + it).orElse(""),
                            false,
                            flipctl.refused(),
                            deadline);
            case Step.Run run -> run(run, deadline);
            case Step.Network(boolean connected) -> guest.network(connected);
            case Step.Serve(String folder) -> guest.serve(base.resolve(folder));
            case Step.PlugDisk(String folder) -> {
                requireOn();
                guest.plugDisk(base.resolve(folder));
            }
            case Step.Expect(List<Expectation> all) -> expect(all, deadline);
        }
    }

    private void boot(Until until, Deadline deadline) throws IOException, StepFailedException {
        if (guest.isOn()) {
            throw new StepFailedException("a machine that is off", "one that is on");
        }
        fromHere();
        host.forgetBoot();
        guest.powerOn();
        host.await(until, deadline);
    }

    private void reboot(String command, HostReport before, Until until, Deadline deadline)
            throws IOException, StepFailedException {
        fromHere();
        int resets = guest.resets();
        // There may be no answer, as the shell goes down with the rest.
        Optional<Guest.Answer> answer =
                guest.run(HostReport.leaving(before.bootId(), command), deadline.atMost(GO_DOWN));
        if (answer.isPresent() && answer.get().exitCode() != 0) {
            throw new StepFailedException(command + " to exit with 0", words(answer.get()));
        }
        host.leaves(before.bootId());
        if (until == Until.STARTED) {
            awaitReset(resets, deadline);
        } else {
            host.await(until, deadline);
        }
    }

    private void awaitReset(int resets, Deadline deadline) throws IOException, StepFailedException {
        while (guest.resets() == resets) {
            if (deadline.passed() || !guest.isOn()) {
                throw new StepFailedException(
                        "the machine to restart in time",
                        guest.isOn() ? "that it did not" : "that it went off");
            }
            guest.pause(deadline.atMost(POLL));
        }
    }

    private void cutPower(Moment when, Deadline deadline) throws IOException, StepFailedException {
        requireOn();
        switch (when) {
            case Moment.Now() -> {}
            case Moment.After(Duration delay) -> {
                requireTimeFor("after", delay, deadline);
                guest.pause(delay);
            }
            case Moment.SerialLine(String text) -> serial(text, deadline);
            case Moment.State(String name) -> awaitState(name, deadline);
        }
        requireOn();
        guest.cutPower();
    }

    /** The guest itself waits: asking it again and again would come too late for a short state. */
    private void awaitState(String name, Deadline deadline)
            throws IOException, StepFailedException {
        String command =
                """
                if [ -e %s ]; then since=--since=@$(cat %s); else since=--boot; fi
                d=$(mktemp -d)
                mkfifo $d/line
                journalctl -q -f -n all -o cat $since FLIPSIDE_EVENT=state FLIPSIDE_CODE=%s >$d/line &
                read -r line <$d/line || exit 1
                kill $!"""
                        .formatted(SINCE, SINCE, name);
        while (guest.run(command, deadline.left()).filter(it -> it.exitCode() == 0).isEmpty()) {
            if (deadline.passed() || !guest.isOn()) {
                throw new StepFailedException("the state '%s' in time".formatted(name), silence());
            }
            guest.pause(deadline.atMost(POLL));
        }
    }

    private void stay(Deadline deadline, Duration length) throws IOException, StepFailedException {
        requireOn();
        requireTimeFor("for", length, deadline);
        int resets = guest.resets();
        Deadline end = deadline.orIn(length);
        while (!end.passed()) {
            guest.pause(end.atMost(POLL));
            if (!guest.isOn()) {
                throw new StepFailedException("a machine that stays on", "one that is off");
            }
            if (guest.resets() != resets) {
                throw new StepFailedException("a machine that stays up", "that it was reset");
            }
        }
    }

    private void update(Step.Update update, Deadline deadline)
            throws IOException, StepFailedException {
        String command = "update --now" + update.version().map(it -> " " + it).orElse("");
        if (update.until() == Until.STARTED) {
            shell(
                    "date +%%s >%s; (flipctl %s </dev/null >/dev/null 2>&1 &)"
                            .formatted(SINCE, command),
                    deadline);
            return;
        }
        HostReport before = host.require(deadline);
        if (flipctl(command, true, update.refused(), deadline)) {
            restart(before, update.until(), update.version(), deadline);
        }
    }

    private void rollback(Step.Rollback rollback, Deadline deadline)
            throws IOException, StepFailedException {
        HostReport before = host.require(deadline);
        if (flipctl("rollback", true, rollback.refused(), deadline)) {
            restart(before, rollback.until(), Optional.empty(), deadline);
        }
    }

    /** Reboots into what was activated, unless the host has begun to do so by itself. */
    private void restart(
            HostReport before, Until until, Optional<String> version, Deadline deadline)
            throws IOException, StepFailedException {
        HostReport now = host.require(deadline);
        boolean left = !now.bootId().equals(before.bootId());
        boolean pending = now.state().equals("reboot-pending");
        boolean begun = pending || (left && until != Until.REBOOT_PENDING && now.isPast(before));
        if (!begun && !version.equals(Optional.of(now.version()))) {
            throw new StepFailedException(
                    "a reboot that is pending",
                    now.words() + (left ? ", in another boot: the machine was reset" : ""));
        }
        if (until == Until.REBOOT_PENDING) {
            return;
        }
        if (!left && pending) {
            reboot("flipctl reboot", now, until, deadline);
        } else {
            host.await(until, deadline);
        }
    }

    /**
     * Whether it was done; a refusal that was asked for is none.
     *
     * @param restarts whether the host may answer by restarting, as its policy may be
     */
    private boolean flipctl(
            String command, boolean restarts, Optional<String> refused, Deadline deadline)
            throws IOException, StepFailedException {
        int resets = guest.resets();
        Optional<Guest.Answer> answer = guest.run("flipctl " + command, deadline.left());
        if (answer.isEmpty() && guest.resets() != resets) {
            if (restarts && refused.isEmpty()) {
                return true;
            }
            throw new StepFailedException(
                    "flipctl " + command + " to end", "that the machine was reset");
        }
        Guest.Answer found =
                answer.orElseThrow(
                        () -> new StepFailedException("flipctl " + command + " to end", silence()));
        if (refused.isPresent()) {
            if (found.exitCode() == 0 || !found.output().contains(refused.get())) {
                throw new StepFailedException(
                        "flipctl %s to be refused with '%s'".formatted(command, refused.get()),
                        words(found));
            }
            return false;
        }
        if (found.exitCode() != 0) {
            throw new StepFailedException(
                    "flipctl %s to exit with 0".formatted(command), words(found));
        }
        return true;
    }

    private void run(Step.Run run, Deadline deadline) throws IOException, StepFailedException {
        Guest.Answer found = shell(run.command(), deadline);
        if (found.exitCode() != run.exitCode()) {
            throw new StepFailedException("exit code " + run.exitCode(), words(found));
        }
        for (String text : run.contains()) {
            if (!found.output().contains(text)) {
                throw new StepFailedException("output with '%s'".formatted(text), words(found));
            }
        }
        for (String text : run.lacks()) {
            if (found.output().contains(text)) {
                throw new StepFailedException("output without '%s'".formatted(text), words(found));
            }
        }
    }

    private Guest.Answer shell(String command, Deadline deadline)
            throws IOException, StepFailedException {
        requireOn();
        return guest.run(command, deadline.left())
                .orElseThrow(() -> new StepFailedException("the command to end", silence()));
    }

    private void expect(List<Expectation> all, Deadline deadline)
            throws IOException, StepFailedException {
        List<Expectation> ofHost = new ArrayList<>();
        for (Expectation one : all) {
            if (one.what() == What.SERIAL) {
                serial(one.value(), deadline);
            } else {
                ofHost.add(one);
            }
        }
        Optional<HostReport> last = Optional.empty();
        while (!ofHost.isEmpty()) {
            Optional<HostReport> report = host.wholeReport(deadline);
            last = report.isPresent() ? report : last;
            if (report.isPresent()
                    && ofHost.stream().allMatch(it -> asExpected(report.get(), it))) {
                return;
            }
            if (deadline.passed() || !guest.isOn()) {
                throw unlike(ofHost, last);
            }
            guest.pause(deadline.atMost(POLL));
        }
    }

    private static boolean asExpected(HostReport report, Expectation expectation) {
        return report.otherThan(expectation).isEmpty();
    }

    private StepFailedException unlike(List<Expectation> expected, Optional<HostReport> report) {
        if (report.isEmpty()) {
            return new StepFailedException("a host that answers", silence());
        }
        List<String> wanted = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (Expectation one : expected) {
            Optional<String> other = report.get().otherThan(one);
            if (other.isPresent()) {
                wanted.add("%s '%s'".formatted(one.what().key(), one.value()));
                found.add("'" + other.get() + "'");
            }
        }
        return new StepFailedException(
                String.join(" and ", wanted),
                "%s; the host runs %s"
                        .formatted(String.join(" and ", found), report.get().words()));
    }

    private void serial(String text, Deadline deadline) throws IOException, StepFailedException {
        OptionalInt at = guest.awaitSerialLine(line, text, deadline.left());
        if (at.isEmpty()) {
            throw new StepFailedException(
                    "a line with '%s' on the serial console".formatted(text),
                    guest.isOn() ? "none" : "none before the machine went off");
        }
        line = at.getAsInt() + 1;
    }

    /** A wait that the step's time would cut short proves nothing. */
    private static void requireTimeFor(String key, Duration length, Deadline deadline)
            throws StepFailedException {
        Duration left = deadline.left();
        if (left.compareTo(length) < 0) {
            throw new StepFailedException(
                    "%d s for '%s'".formatted(length.toSeconds(), key),
                    "a timeout that leaves %d s".formatted(left.toSeconds()));
        }
    }

    private void fromHere() {
        line = guest.serialLines().size();
    }

    private void requireOn() throws StepFailedException {
        if (!guest.isOn()) {
            throw new StepFailedException("a machine that is on", "one that is off");
        }
    }

    private String silence() {
        return guest.isOn() ? "no answer" : "that the machine is off";
    }

    private static String words(Guest.Answer answer) {
        return "exit code %d and %s"
                .formatted(
                        answer.exitCode(),
                        answer.output().isBlank()
                                ? "no output"
                                : "'" + answer.output().strip() + "'");
    }
}
