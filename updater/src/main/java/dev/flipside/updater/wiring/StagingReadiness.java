package dev.flipside.updater.wiring;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.coordinator.Observation;
import dev.flipside.updater.lifecycle.HostFacts.Room;
import dev.flipside.updater.lifecycle.HostRules;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the release that runs could write another one like itself: it finds slots and ESP, has
 * room there, and has a root of trust. Looks only. Room in {@code /var} is no matter of a release:
 * a rule of its own holds updates while there is none.
 */
final class StagingReadiness {
    private StagingReadiness() {}

    static void check(Observation observation, UpdaterConfig.Host host) throws FlipsideException {
        Room room = observation.room();
        long ukiBytes =
                observation
                        .esp()
                        .imageOf(observation.bootedRootHash())
                        .map(image -> image.sizeBytes())
                        .orElse(0L);
        need(
                room.espUsableBytes() + room.espReclaimableBytes() - HostRules.ESP_MARGIN_BYTES
                        >= ukiBytes,
                "the ESP",
                "room for another UKI of %d bytes".formatted(ukiBytes),
                "%d bytes".formatted(room.espUsableBytes() + room.espReclaimableBytes()),
                "remove what is not Flipside's from the ESP");
        Path root = host.rootJson();
        need(
                Files.isReadable(root),
                root.toString(),
                "the root of trust",
                "none that can be read",
                "build the release with the repository's root.json in it");
    }

    private static void need(boolean met, String what, String expected, String found, String action)
            throws FlipsideException {
        if (!met) {
            throw new FlipsideException(
                    FailureCode.HEALTH_CHECK_FAILED, what, expected, found, action);
        }
    }
}
