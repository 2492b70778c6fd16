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
final class TestingHost {
    private String product = "demo";
    private Architecture architecture = Architecture.X86_64;
    private SlotFacts booted = slot(SlotName.A, LifecycleTable.release("1", 'a'));
    private long dataBytes = 1 << 20;
    private long hashBytes = 1 << 20;
    private BootStanding standing = BootStanding.COMMITTED;
    private List<String> foreign = List.of();
    private Optional<String> loaderDefault = Optional.empty();
    private boolean backupTableAtEnd = true;
    private boolean temporaryState;
    private Room room = new Room(1L << 30, 0, Set.of(), 1L << 30);
    private int floor = 1;
    private List<Setback> setbacks = List.of();
    private Set<String> withdrawn = Set.of();

    private TestingHost() {}

    static TestingHost usual() {
        return new TestingHost();
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
                booted,
                new SlotFacts(SlotName.B, "f".repeat(64), Optional.empty(), dataBytes, hashBytes),
                standing,
                foreign,
                loaderDefault,
                backupTableAtEnd,
                temporaryState,
                room,
                floor,
                setbacks,
                withdrawn,
                machineId);
    }

    /** The channel has withdrawn some releases. */
    HostFacts withdrawn(ReleaseRef... releases) {
        withdrawn =
                Arrays.stream(releases)
                        .map(it -> it.signed().orElseThrow().manifestDigest())
                        .collect(Collectors.toSet());
        return facts();
    }

    /** Its {@code /var} could not be mounted. */
    HostFacts withTemporaryState() {
        temporaryState = true;
        return facts();
    }

    TestingHost product(String value) {
        product = value;
        return this;
    }

    TestingHost architecture(Architecture value) {
        architecture = value;
        return this;
    }

    TestingHost booted(String version, char hex) {
        booted = slot(SlotName.A, LifecycleTable.release(version, hex));
        return this;
    }

    TestingHost slot(long data, long hash) {
        dataBytes = data;
        hashBytes = hash;
        return this;
    }

    TestingHost standing(BootStanding value) {
        standing = value;
        return this;
    }

    TestingHost foreign(String value) {
        foreign = List.of(value);
        return this;
    }

    TestingHost loaderDefault(String value) {
        loaderDefault = Optional.of(value);
        return this;
    }

    TestingHost grown() {
        backupTableAtEnd = false;
        return this;
    }

    TestingHost room(Room value) {
        room = value;
        return this;
    }

    TestingHost floor(int value) {
        floor = value;
        return this;
    }

    TestingHost setbacks(Setback... value) {
        setbacks = List.of(value);
        return this;
    }
}
