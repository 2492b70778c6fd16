package dev.flipside.integration.scenario.run;

import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A guest without a machine: it boots, updates and rolls back as a host does, in a time that only
 * passes when somebody waits. It can hang, die, and never get healthy.
 */
final class FakeGuest implements Guest, InstantSource {
    private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration SHUTDOWN = Duration.ofSeconds(5);
    private static final Duration NEVER = Duration.ofDays(1000);

    final List<String> done = new ArrayList<>();

    /** When its updater was asked for its status, counted from power on. */
    final List<Duration> asked = new ArrayList<>();

    final List<String> serial = new ArrayList<>();

    /** Releases that fall back when they are booted. */
    Set<String> badVersions = Set.of();

    Duration reachableAfter = Duration.ofSeconds(20);
    Duration healthyAfter = Duration.ofSeconds(30);

    boolean qemuIsMissing;
    boolean diskIsFull;

    /** Resets itself while the updater works. */
    boolean resetsInCommands;

    /** Its policy is to restart as soon as an update is activated. */
    boolean restartsByItself;

    /** What it says when it is to reboot, and whether it does. */
    Answer rebootAnswer = new Answer(0, "");

    boolean goesDown = true;

    /** When the machine switches itself off after it was switched on. */
    Duration offAfter = NEVER;

    /** When the machine resets itself after it was switched on. */
    Duration resetAfter = NEVER;

    /** What a command of the guest's shell answers; empty for no answer. */
    Optional<Answer> shellAnswer = Optional.of(new Answer(0, ""));

    private Instant now = START;
    private boolean on;
    private Instant bootedAt = START;
    private Instant bootAt = Instant.MAX;
    private int boots;
    private int resets;
    private String version = "1";
    private String otherVersion;
    private String target;
    private String state = "idle";
    private String undone;

    @Override
    public Instant instant() {
        return now;
    }

    Duration passed() {
        return Duration.between(START, now);
    }

    @Override
    public void powerOn() throws IOException {
        if (qemuIsMissing) {
            throw new IOException("no QEMU");
        }
        done.add("power on");
        on = true;
        boot();
    }

    private void boot() {
        bootAt = Instant.MAX;
        boots++;
        bootedAt = now;
        serial.add("boot " + boots);
        if (target == null) {
            return;
        }
        if (badVersions.contains(target)) {
            undone = target;
            state = "rolled-back";
            resets++;
        } else {
            otherVersion = version;
            version = target;
            state = "committed";
        }
        target = null;
    }

    @Override
    public void cutPower() {
        done.add("cut power at " + passed().toSeconds());
        on = false;
        if (state.equals("staging")) {
            state = "idle";
        }
    }

    @Override
    public void reset() {
        done.add("reset");
        resets++;
        boot();
    }

    @Override
    public boolean isOn() {
        on &= sinceBoot().compareTo(offAfter) < 0;
        return on;
    }

    @Override
    public int resets() {
        return sinceBoot().compareTo(resetAfter) < 0 ? resets : resets + 1;
    }

    private Duration sinceBoot() {
        return Duration.between(bootedAt, now);
    }

    @Override
    public Optional<Answer> run(String command, Duration timeout) {
        if (sinceBoot().compareTo(reachableAfter) < 0) {
            Duration missing = reachableAfter.minus(sinceBoot());
            pause(missing.compareTo(timeout) < 0 ? missing : timeout);
            return Optional.empty();
        }
        if (command.contains("systemctl reboot") || command.contains("flipctl reboot")) {
            return restart(command);
        }
        if (command.contains("is-system-running")) {
            return afterBoot(command, timeout);
        }
        return switch (command) {
            case HostReport.STATUS_COMMAND -> {
                asked.add(sinceBoot());
                yield Optional.of(new Answer(0, status()));
            }
            case HostReport.WHOLE_COMMAND ->
                    Optional.of(new Answer(0, status() + why() + "history of the host\n"));
            default -> other(command, timeout);
        };
    }

    private Optional<Answer> restart(String command) {
        if (goesDown && rebootAnswer.exitCode() == 0 && command.contains(bootId())) {
            bootAt = now.plus(SHUTDOWN);
        }
        return Optional.of(rebootAnswer);
    }

    private String bootId() {
        return "\"boot-" + boots + "\"";
    }

    private Optional<Answer> afterBoot(String command, Duration timeout) {
        boolean left = command.contains(bootId());
        return left || sinceBoot().compareTo(healthyAfter) < 0
                ? Optional.of(new Answer(1, ""))
                : run(HostReport.STATUS_COMMAND, timeout);
    }

    private Optional<Answer> other(String command, Duration timeout) {
        done.add(command.strip());
        if (resetsInCommands) {
            reset();
            return Optional.empty();
        }
        if (command.startsWith("flipctl update --now ")) {
            return update(command.substring(command.lastIndexOf(' ') + 1));
        }
        if (command.contains("(flipctl update")) {
            state = "staging";
            return Optional.of(new Answer(0, ""));
        }
        if (shellAnswer.isEmpty()) {
            pause(timeout);
        }
        return shellAnswer;
    }

    private Optional<Answer> update(String to) {
        if (to.equals(undone)) {
            return Optional.of(new Answer(11, "flipctl: 3: expected 'rejected' [update-held]"));
        }
        if (!to.equals(version)) {
            target = to;
            state = "reboot-pending";
            bootAt = restartsByItself ? now.plus(SHUTDOWN) : bootAt;
        }
        return Optional.of(new Answer(0, "done"));
    }

    private String status() {
        var node = StrictJson.object();
        node.putObject("booted").put("slot", "A").put("version", version);
        node.putObject("inactive").put("slot", "B").put("version", otherVersion);
        node.put("standing", sinceBoot().compareTo(healthyAfter) < 0 ? "under trial" : "committed");
        node.putObject("state").put("name", state);
        return "boot-" + boots + "\n" + node + "\n";
    }

    private String why() {
        var node = StrictJson.object();
        if (undone != null) {
            node.putArray("setbacks")
                    .addObject()
                    .put("version", undone)
                    .putObject("reason")
                    .put("cause", "health-check-failed")
                    .putArray("evidence")
                    .add("ready: expected a file, found none");
        }
        return node + "\n";
    }

    @Override
    public List<String> serialLines() {
        return List.copyOf(serial);
    }

    @Override
    public OptionalInt awaitSerialLine(int from, String text, Duration timeout) {
        for (int i = from; i < serial.size(); i++) {
            if (serial.get(i).contains(text)) {
                return OptionalInt.of(i);
            }
        }
        pause(timeout);
        return OptionalInt.empty();
    }

    @Override
    public void pause(Duration length) {
        now = now.plus(length);
        if (!now.isBefore(bootAt)) {
            resets++;
            boot();
        }
    }

    @Override
    public void network(boolean connected) {
        done.add("network " + connected);
    }

    @Override
    public void plugDisk(Path folder) {
        done.add("disk " + folder);
    }

    @Override
    public void serve(Path repository) {
        done.add("serve " + repository);
    }

    @Override
    public void collect() throws IOException {
        done.add("collect");
        if (diskIsFull) {
            throw new IOException("no space left");
        }
    }

    @Override
    public void close() {
        on = false;
    }
}
