package dev.flipside.updater.health;

import dev.flipside.updater.health.RootView.Entry;
import dev.flipside.updater.health.RootView.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * A file is there, and holds what it should.
 *
 * @param contains text that must stand somewhere in the first mebibyte
 * @param sha256 of the whole file, in lowercase hex
 */
public record FileCheck(
        CheckTerms terms, String path, Optional<String> contains, Optional<String> sha256)
        implements HealthCheck {
    private static final int MAX_SEARCHED_BYTES = 1 << 20;
    private static final int CHUNK_BYTES = 64 << 10;

    public FileCheck {
        Objects.requireNonNull(terms);
        Objects.requireNonNull(path);
        Objects.requireNonNull(contains);
        Objects.requireNonNull(sha256);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        RootView root = machine.root();
        try {
            Optional<Entry> entry = root.find(path);
            if (entry.isEmpty()) {
                return terms.failed("expected the file %s, found none".formatted(path));
            }
            if (entry.get().kind() != Kind.FILE) {
                return terms.failed(
                        "expected a regular file at %s, found another kind".formatted(path));
            }
            if (contains.isPresent() && !holds(root, contains.get())) {
                return terms.failed(
                        "expected '%s' in %s, found none".formatted(contains.get(), path));
            }
            return sha256.isPresent()
                    ? compared(digest(root))
                    : terms.passed("%s is there".formatted(path));
        } catch (IOException e) {
            return terms.failed("expected to read %s, found %s".formatted(path, e.getMessage()));
        }
    }

    private HealthResult compared(String found) {
        String expected = sha256.orElseThrow();
        return expected.equals(found)
                ? terms.passed("%s has SHA-256 %s".formatted(path, found))
                : terms.failed(
                        "expected SHA-256 %s of %s, found %s".formatted(expected, path, found));
    }

    private boolean holds(RootView root, String text) throws IOException {
        try (InputStream in = root.open(path)) {
            // One byte is one character in ISO 8859-1, so that any file can be searched.
            String head =
                    new String(in.readNBytes(MAX_SEARCHED_BYTES), StandardCharsets.ISO_8859_1);
            return head.contains(
                    new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
        }
    }

    private String digest(RootView root) throws IOException {
        MessageDigest digest = sha256Digest();
        byte[] chunk = new byte[CHUNK_BYTES];
        try (InputStream in = root.open(path)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
