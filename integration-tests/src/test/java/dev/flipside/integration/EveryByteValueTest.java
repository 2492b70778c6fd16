package dev.flipside.integration;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.ByteChanges;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every byte of every signed file, changed to other values: to all of them with {@code ./test
 * --all}, as that takes minutes, and to 15 without.
 */
final class EveryByteValueTest {
    private static final boolean ALL = Boolean.getBoolean("flipside.all");

    @TempDir Path folder;

    private static IntStream differences() {
        return IntStream.range(1, 256).filter(difference -> ALL || difference % 17 == 1);
    }

    @ParameterizedTest
    @EnumSource
    void ofMetadataIsRefusedOrChangesNothing(Role role) throws FlipsideException {
        ByteChanges changes = new ByteChanges(role);
        AtomicLong refused = new AtomicLong();
        differences()
                .parallel()
                .forEach(difference -> refused.addAndGet(changes.refused(difference)));
        long all = changes.sizeBytes() * differences().count();
        assertTrue(refused.get() > all / 10 * 9, role + ": " + refused + " of " + all);
    }

    @Test
    void ofAChannelOrReleaseManifestIsRefused() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.publish("1");
        Collection<Target> signed =
                SignedMetadata.targets(
                                Files.readAllBytes(
                                        bench.repository().resolve("metadata/3.targets.json")))
                        .metadata()
                        .targets()
                        .values();
        assertEquals(2, signed.size(), "a channel and a manifest");
        for (Target target : signed) {
            byte[] file =
                    Files.readAllBytes(
                            bench.repository().resolve(RepositoryLayout.target(target, true)));
            target.check(file);
            differences().forEach(difference -> refusesEvery(difference, target, file));
        }
    }

    private static void refusesEvery(int difference, Target target, byte[] file) {
        for (int i = 0; i < file.length; i++) {
            file[i] ^= (byte) difference;
            assertRefused(FailureCode.DIGEST_MISMATCH, () -> target.check(file));
            file[i] ^= (byte) difference;
        }
    }
}
