package dev.flipside.updater.slot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.FaultyDisk;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.updater.slot.StageRequest.BootedSlot;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A disk with two slots, A booted and B inactive. */
final class TestSlots {
    static final long DATA_BYTES = 1200L * 4096;
    static final long TREE_BYTES = 16L * 4096;
    static final long A_DATA = 1 << 20;
    static final long A_TREE = A_DATA + DATA_BYTES;
    static final long B_DATA = A_TREE + TREE_BYTES;
    static final long B_TREE = B_DATA + DATA_BYTES;
    static final long B_SIGNATURE = B_TREE + TREE_BYTES;
    static final long SIGNATURE_BYTES = 4L * 4096;
    static final StagingLimits LIMITS = new StagingLimits(1 << 20, 1 << 20, 64 << 10, 1 << 20, 2);

    final FaultyDisk disk;

    TestSlots(FaultyDisk disk) {
        this.disk = disk;
    }

    static TestSlots empty(long seed) {
        return new TestSlots(new FaultyDisk(B_TREE + TREE_BYTES + (1 << 20), 512, seed));
    }

    /** The slots with this release in A. */
    static TestSlots booted(TestRelease release, long seed) throws IOException {
        TestSlots slots = empty(seed);
        slots.disk.write(ByteBuffer.wrap(release.image), A_DATA);
        slots.disk.write(ByteBuffer.wrap(release.tree), A_TREE);
        slots.disk.flush();
        return slots;
    }

    void putIntoB(TestRelease release) throws IOException {
        disk.write(ByteBuffer.wrap(release.image), B_DATA);
        disk.write(ByteBuffer.wrap(release.tree), B_TREE);
        disk.flush();
    }

    StageRequest request(TestRelease release, Source source) {
        return new StageRequest(
                release.manifest(),
                new PartitionDevice(disk, B_DATA, DATA_BYTES),
                new PartitionDevice(disk, B_TREE, TREE_BYTES),
                Optional.empty(),
                Optional.of(
                        new BootedSlot(
                                new PartitionDevice(disk, A_DATA, DATA_BYTES),
                                new PartitionDevice(disk, A_TREE, TREE_BYTES))),
                source);
    }

    StageTally stage(TestRelease release, Source source) throws FlipsideException {
        return Staging.stage(request(release, source), LIMITS, standing -> {});
    }

    byte[] read(long offsetBytes, int lengthBytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(lengthBytes);
        disk.read(buffer, offsetBytes);
        return buffer.array();
    }
}
