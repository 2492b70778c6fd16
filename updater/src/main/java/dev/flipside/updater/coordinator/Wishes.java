package dev.flipside.updater.coordinator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.journal.Journal;
import dev.flipside.updater.lifecycle.Pin;
import dev.flipside.updater.lifecycle.Policy;
import dev.flipside.updater.lifecycle.Setback;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Writes down what the operator wants: pin, hold and allow. Each is durable when it returns, so it
 * survives reboots and slot changes, and each works whatever the host is doing.
 */
final class Wishes {
    private final Journal journal;

    Wishes(Journal journal) {
        this.journal = journal;
    }

    /** What the operator wants now, by what is configured and what was written down. */
    static Policy policy(UpdaterConfig.Policy configured, HostState memory, Instant now) {
        return new Policy(
                configured.channel(),
                memory.pin().filter(pin -> pin.holdsAt(now)),
                memory.hold(),
                configured.reboot(),
                configured.timing(),
                configured.withdrawal(),
                configured.misread());
    }

    HostState pin(Optional<Pin> pin) throws FlipsideException {
        return HostFaults.told(
                "pinning",
                () -> {
                    HostState memory = journal.load().withPin(pin);
                    journal.save(memory);
                    ObjectNode details = StrictJson.object();
                    pin.ifPresent(it -> details.put("version", it.version()));
                    pin.flatMap(Pin::until)
                            .ifPresent(until -> details.put("until", until.toString()));
                    journal.tell(pin.isPresent() ? "pin" : "unpin", "ok", details);
                    return memory;
                });
    }

    HostState hold(boolean hold) throws FlipsideException {
        return HostFaults.told(
                "holding",
                () -> {
                    HostState memory = journal.load().holding(hold);
                    journal.save(memory);
                    journal.tell(hold ? "hold" : "unhold", "ok", StrictJson.object());
                    return memory;
                });
    }

    boolean allow(String version) throws FlipsideException {
        return HostFaults.told(
                "allowing",
                () -> {
                    HostState memory = journal.load();
                    List<Setback> kept =
                            memory.setbacks().stream()
                                    .filter(it -> !it.release().version().equals(version))
                                    .toList();
                    boolean changed = kept.size() != memory.setbacks().size();
                    if (changed) {
                        journal.save(memory.withSetbacks(kept));
                        journal.tell("allow", "ok", StrictJson.object().put("version", version));
                    }
                    return changed;
                });
    }
}
