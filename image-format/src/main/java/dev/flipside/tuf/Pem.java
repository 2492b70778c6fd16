package dev.flipside.tuf;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** One key as text: the strict form of RFC 7468, with one label and nothing around it. */
public final class Pem {
    /** SubjectPublicKeyInfo (RFC 7468, clause 13). */
    public static final String PUBLIC_KEY = "PUBLIC KEY";

    /** PKCS #8, not encrypted (RFC 7468, clause 10). */
    public static final String PRIVATE_KEY = "PRIVATE KEY";

    /** The largest file that is read: an ML-DSA-65 private key takes 6 KB. */
    public static final int MAX_BYTES = 64 << 10;

    private static final int LINE_LENGTH = 64;

    private Pem() {}

    public static byte[] encode(String label, byte[] der) {
        byte[] newline = {'\n'};
        String body = Base64.getMimeEncoder(LINE_LENGTH, newline).encodeToString(der);
        return (begin(label) + "\n" + body + "\n" + end(label) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * @param what names the file in the failure
     * @throws FlipsideException {@code key-invalid}
     */
    public static byte[] decode(byte[] file, String label, String what) throws FlipsideException {
        String text = new String(file, StandardCharsets.ISO_8859_1).strip();
        String begin = begin(label);
        String end = end(label);
        if (!text.startsWith(begin)
                || !text.endsWith(end)
                || text.length() < begin.length() + end.length()) {
            throw malformed(what, "'" + begin + "' to '" + end + "'", null);
        }
        String body = text.substring(begin.length(), text.length() - end.length());
        try {
            return Base64.getDecoder().decode(body.replaceAll("[\r\n]", ""));
        } catch (IllegalArgumentException e) {
            throw malformed(what, "base64 between '" + begin + "' and '" + end + "'", e);
        }
    }

    private static String begin(String label) {
        return "-----BEGIN " + label + "-----";
    }

    private static String end(String label) {
        return "-----END " + label + "-----";
    }

    private static FlipsideException malformed(String what, String expected, Throwable cause) {
        return new FlipsideException(
                new dev.flipside.failure.Failure(
                        FailureCode.KEY_INVALID,
                        what,
                        expected,
                        "something else",
                        "give the file that 'key generate' wrote"),
                cause);
    }
}
