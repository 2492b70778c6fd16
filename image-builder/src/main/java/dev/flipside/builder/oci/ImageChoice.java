package dev.flipside.builder.oci;

import java.util.Optional;

/**
 * Which of several images in one input is meant.
 *
 * @param reference a name such as {@code host:1}, or the digest of a manifest or configuration
 * @param platform an architecture such as {@code arm64}, or more exactly {@code linux/arm64/v8}
 */
public record ImageChoice(Optional<String> reference, Optional<String> platform) {
    public static ImageChoice any() {
        return new ImageChoice(Optional.empty(), Optional.empty());
    }

    public boolean isAny() {
        return reference.isEmpty() && platform.isEmpty();
    }
}
