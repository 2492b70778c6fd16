package dev.flipside.builder.release;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The contents of a verity signature partition (UAPI.2, "Verity signature partition"): a JSON
 * object with {@code rootHash} and {@code certificateFingerprint} in lowercase hex, and {@code
 * signature}, the base64 of a PKCS #7 signature over the text of the root hash; NULs up to a
 * multiple of 4096 bytes.
 */
final class VeritySignature {
    private static final int BLOCK_BYTES = 4096;

    private VeritySignature() {}

    static byte[] of(String rootHash, SigningIdentity signer) throws FlipsideException {
        byte[] signature = Pkcs7.detached(signer, rootHash.getBytes(StandardCharsets.US_ASCII));
        ObjectNode json =
                StrictJson.object()
                        .put("rootHash", rootHash)
                        .put("certificateFingerprint", signer.fingerprint())
                        .put("signature", Base64.getEncoder().encodeToString(signature));
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, Math.ceilDiv(text.length, BLOCK_BYTES) * BLOCK_BYTES);
    }
}
