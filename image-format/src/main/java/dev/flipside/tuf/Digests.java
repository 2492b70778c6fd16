package dev.flipside.tuf;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The digests of a file, by the names that TUF has for the functions; at least one, and only of
 * functions that are checked here. A digest of another function is skipped when one of these stands
 * beside it.
 *
 * @param byFunction "sha256" or "sha512" to lowercase hex
 */
public record Digests(SortedMap<String, String> byFunction) {
    private static final Map<String, String> JDK_NAMES =
            Map.of("sha256", "SHA-256", "sha512", "SHA-512");

    public Digests {
        byFunction = Collections.unmodifiableSortedMap(new TreeMap<>(byFunction));
        if (byFunction.isEmpty() || !JDK_NAMES.keySet().containsAll(byFunction.keySet())) {
            throw new IllegalArgumentException("digests " + byFunction.keySet());
        }
    }

    public static Digests ofSha256(String hex) {
        return new Digests(new TreeMap<>(Map.of("sha256", hex)));
    }

    public static Digests ofContent(byte[] content) {
        return ofSha256(sha256(content));
    }

    /** The SHA-256 of these bytes, in lowercase hex. */
    public static String sha256(byte[] content) {
        return digest("sha256", content);
    }

    static Digests parse(JsonFields hashes) throws FlipsideException {
        SortedMap<String, String> known = new TreeMap<>();
        if (hashes.has("sha256")) {
            known.put("sha256", hashes.hex("sha256", 32));
        }
        if (hashes.has("sha512")) {
            known.put("sha512", hashes.hex("sha512", 64));
        }
        if (known.isEmpty()) {
            throw hashes.unexpected("sha256", "sha256 or sha512", hashes.node());
        }
        return new Digests(known);
    }

    /** The digest that consistent snapshots put in front of a target's file name. */
    public String prefix() {
        return byFunction.get(byFunction.firstKey());
    }

    /**
     * Checks every digest.
     *
     * @param what names the file in the failure
     */
    public void check(byte[] content, String what, FailureCode code) throws FlipsideException {
        for (String function : byFunction.keySet()) {
            require(function, digest(function, content), what, code);
        }
    }

    /** The same check for content that comes in pieces. */
    public Check check() {
        return new Check();
    }

    /** The digests of what has come so far. */
    public final class Check {
        private final Map<String, MessageDigest> running = new TreeMap<>();

        private Check() {
            byFunction.keySet().forEach(name -> running.put(name, function(name)));
        }

        public void update(ByteBuffer piece) {
            running.values().forEach(digest -> digest.update(piece.duplicate()));
        }

        /** Ends the content, and checks it. */
        public void finish(String what, FailureCode code) throws FlipsideException {
            for (Map.Entry<String, MessageDigest> entry : running.entrySet()) {
                require(
                        entry.getKey(),
                        HexFormat.of().formatHex(entry.getValue().digest()),
                        what,
                        code);
            }
        }
    }

    private void require(String function, String found, String what, FailureCode code)
            throws FlipsideException {
        if (!found.equals(byFunction.get(function))) {
            throw new FlipsideException(
                    code,
                    what,
                    function + " " + byFunction.get(function),
                    found,
                    "publish the repository again, or use another mirror");
        }
    }

    static byte[] sha512(byte[] content) {
        return function("sha512").digest(content);
    }

    private static String digest(String function, byte[] content) {
        return HexFormat.of().formatHex(function(function).digest(content));
    }

    private static MessageDigest function(String name) {
        try {
            return MessageDigest.getInstance(JDK_NAMES.get(name));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + name, e);
        }
    }
}
