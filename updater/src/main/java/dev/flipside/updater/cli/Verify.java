package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.BlockDevice;
import dev.flipside.updater.coordinator.Status;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.host.SlotCheck;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command {@code verify}. */
final class Verify {
    private Verify() {}

    static void run(Invocation invocation) throws FlipsideException, IOException {
        invocation.looking(
                host -> {
                    Status status = host.coordinator().status();
                    HostLayout layout = status.observation().layout();
                    List<String> lines = new ArrayList<>();
                    ArrayNode slots = StrictJson.object().putArray("slots");
                    Optional<Failure> first = Optional.empty();
                    try (BlockDevice disk = host.effects().disk().openForReading()) {
                        for (SlotName name : SlotName.values()) {
                            SlotFacts facts = facts(status, name);
                            ObjectNode node = slots.addObject().put("slot", name.name());
                            if (facts.release().isEmpty()) {
                                node.put("result", "empty");
                                lines.add("slot %s: nothing that can boot".formatted(name));
                                continue;
                            }
                            node.put("version", facts.words());
                            Optional<Failure> failure =
                                    check(disk, layout, layout.disk().slot(name), node);
                            node.put("result", failure.isEmpty() ? "whole" : "damaged");
                            lines.add(
                                    "slot %s: %s is %s"
                                            .formatted(
                                                    name,
                                                    facts.words(),
                                                    failure.isEmpty() ? "whole" : "damaged"));
                            first = first.or(() -> failure);
                        }
                    }
                    ObjectNode node = StrictJson.object();
                    node.set("slots", slots);
                    invocation.console().result(node, lines);
                    if (first.isPresent()) {
                        throw new FlipsideException(first.get());
                    }
                });
    }

    private static SlotFacts facts(Status status, SlotName name) {
        return status.facts().booted().name() == name
                ? status.facts().booted()
                : status.facts().inactive();
    }

    private static Optional<Failure> check(
            BlockDevice disk, HostLayout layout, Slot slot, ObjectNode node) throws IOException {
        try {
            node.put("blocks", SlotCheck.check(disk, slot, layout.sectorSizeBytes(), blocks -> {}));
            return Optional.empty();
        } catch (FlipsideException e) {
            return Optional.of(e.failure());
        }
    }
}
