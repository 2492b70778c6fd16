package dev.flipside.integration;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.ByteChanges;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every byte of every signed file, changed to every other value. Stands here and not beside the
 * code, as it takes the best part of a minute.
 */
final class EveryByteValueTest {
    @ParameterizedTest
    @EnumSource
    void ofMetadataIsRefusedOrChangesNothing(Role role) throws FlipsideException {
        ByteChanges changes = new ByteChanges(role);
        AtomicLong refused = new AtomicLong();
        IntStream.range(1, 256)
                .parallel()
                .forEach(difference -> refused.addAndGet(changes.refused(difference)));
        long all = changes.sizeBytes() * 255L;
        assertTrue(refused.get() > all / 10 * 9, role + ": " + refused + " of " + all);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                { "format" : 1, "product" : "edge", "architecture" : "x86-64", "name" : "stable",
                  "release" : { "version" : "2026.11.1", "manifestSha256" : "9f" },
                  "securityFloor" : 1, "steppingStones" : [ ], "withdrawn" : [ ], "waves" : [ ] }
                """,
                """
                { "format" : 1, "product" : "edge", "version" : "2026.11.1", "securityVersion" : 3,
                  "verity" : { "rootHash" : "4c", "salt" : "aa" }, "artifacts" : [ ] }
                """
            })
    void ofAChannelOrReleaseManifestIsRefused(String text) {
        byte[] file = text.getBytes(StandardCharsets.UTF_8);
        Target target = Target.of("target", file);
        for (int i = 0; i < file.length; i++) {
            byte original = file[i];
            for (int difference = 1; difference < 256; difference++) {
                file[i] = (byte) (original ^ difference);
                assertRefused(FailureCode.DIGEST_MISMATCH, () -> target.check(file));
            }
            file[i] = original;
        }
    }
}
