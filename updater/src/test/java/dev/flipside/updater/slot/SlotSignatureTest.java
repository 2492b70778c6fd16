package dev.flipside.updater.slot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.platform.PartitionDevice;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.trust.FakeSource;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlotSignatureTest {
    private static final TestRelease RELEASE = TestRelease.of(TestRelease.randomImage(1, 40));
    private static final byte[] OLD = filled(8192, 7);

    private final TestSlots slots = TestSlots.empty(1);

    @BeforeEach
    void putAnotherReleasesSignature() throws Exception {
        slots.disk.write(ByteBuffer.wrap(OLD), TestSlots.B_SIGNATURE);
        slots.disk.flush();
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** The release with a signature that is pinned as one, and a repository with another maybe. */
    private void stage(byte[] pinned, byte[] published) throws Exception {
        ReleaseManifest plain = RELEASE.manifest();
        List<Artifact> artifacts = new ArrayList<>(plain.artifacts());
        artifacts.add(
                new Artifact(
                        Artifact.Role.SIGNATURE, "root.verity-sig", pinned.length, sha256(pinned)));
        FakeSource source = RELEASE.source();
        source.put(RepositoryLayout.blob(sha256(pinned)), published);
        stage(
                new ReleaseManifest(
                        plain.product(),
                        plain.version(),
                        plain.architecture(),
                        plain.securityVersion(),
                        plain.created(),
                        plain.verity(),
                        artifacts,
                        plain.neededSlotBytes(),
                        plain.neededTreeBytes(),
                        plain.neededUpdaterFormat()),
                source);
    }

    private void stage(ReleaseManifest manifest, Source source) throws FlipsideException {
        StageRequest request = slots.request(RELEASE, source);
        Staging.stage(
                new StageRequest(
                        manifest,
                        request.data(),
                        request.tree(),
                        Optional.of(
                                new PartitionDevice(
                                        slots.disk,
                                        TestSlots.B_SIGNATURE,
                                        TestSlots.SIGNATURE_BYTES)),
                        request.booted(),
                        source),
                TestSlots.LIMITS,
                standing -> {});
    }

    private byte[] partition(int length) throws Exception {
        return slots.read(TestSlots.B_SIGNATURE, length);
    }

    @Test
    void isWrittenBesideTheHashTree() throws Exception {
        byte[] signature = filled(4096, 1);
        stage(signature, signature);
        assertArrayEquals(signature, partition(4096));
        assertEquals(ByteString.of(RELEASE.tree), tree());
    }

    @Test
    void endsInZerosWhereItIsNoWholeBlock() throws Exception {
        byte[] signature = filled(5000, 1);
        stage(signature, signature);
        assertArrayEquals(Arrays.copyOf(signature, 8192), partition(8192));
    }

    @Test
    void ofAnotherReleaseGoesWhereThisOneHasNone() throws Exception {
        stage(RELEASE.manifest(), RELEASE.source());
        assertArrayEquals(new byte[4096], partition(4096));
    }

    @Test
    void isTakenOnlyIfTheManifestPinsIt() {
        assertRefused(FailureCode.DIGEST_MISMATCH, filled(4096, 1), filled(4096, 2));
        assertEquals(ByteString.of(new byte[4096]), superblock());
    }

    @Test
    void thatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws Exception {
        long written = slots.disk.writtenBytes();
        byte[] large = filled((int) TestSlots.SIGNATURE_BYTES + 1, 1);
        assertRefused(FailureCode.SLOT_TOO_SMALL, large, large);
        assertEquals(written, slots.disk.writtenBytes());
    }

    private void assertRefused(FailureCode code, byte[] pinned, byte[] published) {
        FlipsideException e = assertThrows(FlipsideException.class, () -> stage(pinned, published));
        assertEquals(code, e.failure().code());
    }

    private ByteString tree() throws Exception {
        return ByteString.of(slots.read(TestSlots.B_TREE, RELEASE.tree.length));
    }

    private ByteString superblock() {
        try {
            return ByteString.of(slots.read(TestSlots.B_TREE, 4096));
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
