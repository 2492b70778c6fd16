package dev.flipside.updater.coordinator;

import dev.flipside.boot.gpt.Partition;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.updater.boot.UkiContent;
import dev.flipside.updater.host.DiskAccess;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The UKI of a release whose image stands in the inactive slot: what the image has of it, kernel
 * and initrd as a rule, is read from there, and only the rest is fetched.
 *
 * <p>Nothing is checked here: whoever writes the UKI compares the whole with the digest that the
 * manifest has.
 */
final class AssembledUki implements UkiContent {
    private static final int PIECE_BYTES = 1 << 18;

    private final Candidate.Found release;
    private final Repository repository;
    private final DiskAccess disk;
    private final HostLayout layout;
    private long fetchedBytes;

    AssembledUki(
            Candidate.Found release, Repository repository, DiskAccess disk, HostLayout layout) {
        this.release = release;
        this.repository = repository;
        this.disk = disk;
        this.layout = layout;
    }

    /** What has come from the repository so far. */
    long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void sendTo(Source.Sink sink) throws FlipsideException {
        Artifact uki = release.uki();
        long position = 0;
        for (ImagePart part : uki.fromImage()) {
            fetch(position, part.offsetBytes(), sink);
            read(part, sink);
            position = part.offsetBytes() + part.sizeBytes();
        }
        fetch(position, uki.sizeBytes(), sink);
    }

    private void fetch(long from, long to, Source.Sink sink) throws FlipsideException {
        if (from < to) {
            repository.fetchUki(release, from, to - from, sink);
            fetchedBytes += to - from;
        }
    }

    private void read(ImagePart part, Source.Sink sink) throws FlipsideException {
        HostFaults.onDisk(
                "the image in slot " + layout.booted().other(),
                () -> {
                    try (BlockDevice device = disk.openForReading()) {
                        send(part, image(device), sink);
                    }
                    return part;
                });
    }

    private BlockDevice image(BlockDevice device) {
        Partition data = layout.inactiveSlot().data();
        int sectorBytes = layout.sectorSizeBytes();
        return new PartitionDevice(
                device, data.offsetBytes(sectorBytes), data.sizeBytes(sectorBytes));
    }

    private static void send(ImagePart part, BlockDevice image, Source.Sink sink)
            throws IOException, FlipsideException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, part.sizeBytes()));
        for (long done = 0; done < part.sizeBytes(); done += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), part.sizeBytes() - done));
            image.read(piece, part.imageOffsetBytes() + done);
            sink.accept(piece.flip().asReadOnlyBuffer());
        }
    }
}
