package dev.flipside.updater.lifecycle;

import dev.flipside.tuf.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What makes a host take its own turn: derived from its machine-id, which itself is never shown, as
 * {@code machine-id(5)} asks for.
 *
 * @param machineId any text that no other host has
 */
public record HostSeed(String machineId) {
    private static final String PURPOSE = "flipside/1/";
    private static final int HEX_DIGITS = 13;
    private static final double SHARES = 0x1p52;

    public HostSeed {
        Objects.requireNonNull(machineId);
    }

    /**
     * Where the host stands among all hosts for one purpose: from 0 up to, and without, 1, evenly
     * spread. For another purpose it stands elsewhere.
     */
    double share(String purpose) {
        String digest =
                Digests.sha256(
                        (PURPOSE + purpose + "/" + machineId).getBytes(StandardCharsets.UTF_8));
        return Long.parseLong(digest.substring(0, HEX_DIGITS), 16) / SHARES;
    }

    @Override
    public String toString() {
        return "HostSeed";
    }
}
