package dev.flipside.builder.repo;

import dev.flipside.tuf.Role;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * Who changes a repository, and how.
 *
 * @param keys the folder with the keys at hand
 * @param expiresDays instead of what the repository's settings say
 * @param proposes whether a change that other keys have to sign, too, waits for them, instead of
 *     being refused
 */
public record Publisher(
        Path repository,
        Path keys,
        InstantSource clock,
        Map<Role, Integer> expiresDays,
        boolean proposes) {
    public Publisher {
        expiresDays = Map.copyOf(expiresDays);
    }

    /** One who has all the keys, and follows the settings. */
    public Publisher(Path repository, Path keys, InstantSource clock) {
        this(repository, keys, clock, Map.of(), false);
    }

    /** The same, one who may leave a proposal. */
    public Publisher proposing() {
        return new Publisher(repository, keys, clock, expiresDays, true);
    }
}
