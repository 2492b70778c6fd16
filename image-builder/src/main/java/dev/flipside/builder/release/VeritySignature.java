package dev.flipside.builder.release;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.Pkcs7Check;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;

/**
 * The contents of a verity signature partition (UAPI.2, "Verity signature partition"): a JSON
 * object with {@code rootHash} and {@code certificateFingerprint} in lowercase hex, and {@code
 * signature}, the base64 of a PKCS #7 signature over the text of the root hash; NULs up to a
 * multiple of 4096 bytes.
 */
public final class VeritySignature {
    /** More than any signature with one signer has. */
    public static final int MAX_BYTES = 1 << 16;

    private static final String WHAT = "signature of the root hash";
    private static final int BLOCK_BYTES = 4096;

    private VeritySignature() {}

    static byte[] of(String rootHash, SigningIdentity signer) throws FlipsideException {
        byte[] signature = Pkcs7.detached(signer, rootHash.getBytes(StandardCharsets.US_ASCII));
        ObjectNode json =
                StrictJson.object()
                        .put("rootHash", rootHash)
                        .put(
                                "certificateFingerprint",
                                SigningIdentity.fingerprint(signer.certificate()))
                        .put("signature", Base64.getEncoder().encodeToString(signature));
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, Math.ceilDiv(text.length, BLOCK_BYTES) * BLOCK_BYTES);
    }

    /**
     * Checks that a certificate's key has signed a root hash.
     *
     * @param contents of the partition, or of its file
     * @throws FlipsideException {@code signature-invalid}
     */
    public static void check(byte[] contents, String rootHash, X509Certificate certificate)
            throws FlipsideException {
        int end = 0;
        while (end < contents.length && contents[end] != 0) {
            end++;
        }
        for (int i = end; i < contents.length; i++) {
            if (contents[i] != 0) {
                throw invalid("a JSON object, and NULs after it", "other bytes at " + i);
            }
        }
        JsonFields json =
                JsonFields.parse(Arrays.copyOf(contents, end), WHAT, FailureCode.SIGNATURE_INVALID);
        if (!json.string("rootHash").equals(rootHash)) {
            throw invalid("root hash " + rootHash, json.string("rootHash"));
        }
        String fingerprint = SigningIdentity.fingerprint(certificate);
        if (json.has("certificateFingerprint")
                && !json.string("certificateFingerprint").equals(fingerprint)) {
            throw invalid("certificate " + fingerprint, json.string("certificateFingerprint"));
        }
        if (!new Pkcs7Check(certificate)
                .verifies(
                        signature(json.string("signature")),
                        rootHash.getBytes(StandardCharsets.US_ASCII))) {
            throw invalid("one of the root hash by this certificate's key", "another one");
        }
    }

    private static byte[] signature(String base64) throws FlipsideException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw invalid("base64", "other text");
        }
    }

    private static FlipsideException invalid(String expected, String found) {
        return new FlipsideException(
                FailureCode.SIGNATURE_INVALID, WHAT, expected, found, "build the release again");
    }
}
