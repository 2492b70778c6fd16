package dev.flipside.updater.lifecycle;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.updater.lifecycle.HostFacts.Room;
import dev.flipside.updater.lifecycle.HostFacts.SlotFacts;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A host on which every rule passes, but for what a test changes. */
record TestingHost(
        String product,
        Architecture architecture,
        SlotFacts bootedSlot,
        long dataBytes,
        long hashBytes,
        BootStanding standing,
        List<String> foreign,
        Optional<String> loaderDefault,
        boolean atEnd,
        Room room,
        int floor,
        List<Setback> setbacks) {

    static TestingHost usual() {
        return new TestingHost(
                "demo",
                Architecture.X86_64,
                slot(SlotName.A, LifecycleTable.release("1", 'a')),
                1 << 20,
                1 << 20,
                BootStanding.COMMITTED,
                List.of(),
                Optional.empty(),
                true,
                new Room(1L << 30, 0, Set.of(), 1L << 30),
                1,
                List.of());
    }

    private static SlotFacts slot(SlotName name, ReleaseRef release) {
        return new SlotFacts(name, release.rootHash(), Optional.of(release), 1 << 20, 1 << 20);
    }

    HostFacts facts() {
        return facts(Optional.of("0123456789abcdef0123456789abcdef"));
    }

    HostFacts facts(Optional<String> machineId) {
        return new HostFacts(
                product,
                architecture,
                Usage.ROOT,
                bootedSlot,
                new SlotFacts(SlotName.B, "f".repeat(64), Optional.empty(), dataBytes, hashBytes),
                standing,
                foreign,
                loaderDefault,
                atEnd,
                false,
                room,
                floor,
                setbacks,
                Set.of(),
                machineId);
    }

    /** The channel has withdrawn some releases. */
    HostFacts withdrawn(ReleaseRef... releases) {
        return with(
                false,
                Arrays.stream(releases)
                        .map(it -> it.signed().orElseThrow().manifestDigest())
                        .collect(Collectors.toSet()));
    }

    /** Its {@code /var} could not be mounted. */
    HostFacts withTemporaryState() {
        return with(true, Set.of());
    }

    private HostFacts with(boolean temporary, Set<String> withdrawn) {
        HostFacts host = facts();
        return new HostFacts(
                host.product(),
                host.architecture(),
                host.usage(),
                host.booted(),
                host.inactive(),
                host.standing(),
                host.foreignEntries(),
                host.loaderDefault(),
                host.backupTableAtEnd(),
                temporary,
                host.room(),
                host.floor(),
                host.setbacks(),
                withdrawn,
                host.machineId());
    }

    TestingHost product(String value) {
        return new TestingHost(
                value,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost architecture(Architecture value) {
        return new TestingHost(
                product,
                value,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost booted(String version, char hex) {
        return new TestingHost(
                product,
                architecture,
                slot(SlotName.A, LifecycleTable.release(version, hex)),
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost slot(long data, long hash) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                data,
                hash,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost standing(BootStanding value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                value,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost foreign(String value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                List.of(value),
                loaderDefault,
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost loaderDefault(String value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                Optional.of(value),
                atEnd,
                room,
                floor,
                setbacks);
    }

    TestingHost grown() {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                false,
                room,
                floor,
                setbacks);
    }

    TestingHost room(Room value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                value,
                floor,
                setbacks);
    }

    TestingHost floor(int value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                value,
                setbacks);
    }

    TestingHost setbacks(Setback... value) {
        return new TestingHost(
                product,
                architecture,
                bootedSlot,
                dataBytes,
                hashBytes,
                standing,
                foreign,
                loaderDefault,
                atEnd,
                room,
                floor,
                List.of(value));
    }
}
