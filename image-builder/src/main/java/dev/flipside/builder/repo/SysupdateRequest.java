package dev.flipside.builder.repo;

import dev.flipside.builder.keys.SigningKey;
import java.util.Optional;

/**
 * What systemd-sysupdate is to find.
 *
 * @param url where hosts reach the repository
 * @param key that signs {@code SHA256SUMS}; without one somebody else has to
 */
public record SysupdateRequest(String url, Optional<SigningKey> key) {}
