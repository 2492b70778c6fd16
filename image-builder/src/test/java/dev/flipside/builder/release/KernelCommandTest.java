package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KernelCommandTest {
    @Test
    void namesTheImageAndThenTakesTheUsersWords() throws FlipsideException {
        assertEquals(
                "roothash=ab systemd.verity_root_options=panic-on-corruption gpt"
                        + " systemd.default_device_timeout_sec=30 panic=10 quiet panic=0",
                KernelCommand.of(Usage.ROOT, "ab", " quiet panic=0 "));
        assertEquals(
                "usrhash=ab systemd.verity_usr_options=panic-on-corruption root=tmpfs gpt"
                        + " systemd.default_device_timeout_sec=30 panic=10",
                KernelCommand.of(Usage.USR, "ab", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "roothash=00",
                "quiet root=/dev/sda1",
                "systemd.verity=0",
                "usrhash=1",
                "a\nb",
                "a\0b",
                "grün"
            })
    void refusesWordsThatCouldNameAnotherImage(String own) {
        FlipsideException refusal =
                assertThrows(
                        FlipsideException.class, () -> KernelCommand.of(Usage.ROOT, "ab", own));
        assertEquals(FailureCode.ARGUMENT_INVALID, refusal.failure().code());
    }
}
