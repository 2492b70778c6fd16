package dev.flipside.builder.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A digest as the OCI image specification writes it: {@code sha256:} or {@code sha512:} and
 * lowercase hex.
 */
public record ContentDigest(Algorithm algorithm, String hex) {
    private static final Pattern FORM =
            Pattern.compile("sha256:([0-9a-f]{64})|sha512:([0-9a-f]{128})");

    /** The registered algorithms. */
    public enum Algorithm {
        SHA256("SHA-256"),
        SHA512("SHA-512");

        private final String jdkName;

        Algorithm(String jdkName) {
            this.jdkName = jdkName;
        }
    }

    static Optional<ContentDigest> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                matcher.group(1) != null
                        ? new ContentDigest(Algorithm.SHA256, matcher.group(1))
                        : new ContentDigest(Algorithm.SHA512, matcher.group(2)));
    }

    /** Where an OCI layout has the bytes. */
    String blobPath() {
        return "blobs/" + algorithm.name().toLowerCase(Locale.ROOT) + "/" + hex;
    }

    public MessageDigest start() {
        try {
            return MessageDigest.getInstance(algorithm.jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The digest, of the same kind as this one, that a calculation ends with. */
    public ContentDigest of(MessageDigest done) {
        return new ContentDigest(algorithm, HexFormat.of().formatHex(done.digest()));
    }

    @Override
    public String toString() {
        return algorithm.name().toLowerCase(Locale.ROOT) + ":" + hex;
    }

    /** Enough for people to tell which one is meant. */
    public String brief() {
        return toString().substring(0, "sha256:".length() + 12);
    }
}
