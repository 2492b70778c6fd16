package dev.flipside.builder.release;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.keys.TestingIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VeritySignatureTest {
    private static final String ROOT_HASH = "0123456789abcdef".repeat(4);

    @TempDir static Path folder;
    private static SigningIdentity signer;
    private static byte[] contents;

    @BeforeAll
    static void sign() throws Exception {
        signer = TestingIdentity.of(KeyAlgorithm.ECDSA_P256, folder, "verity");
        contents = VeritySignature.of(ROOT_HASH, signer);
    }

    private static void check(byte[] bytes) throws FlipsideException {
        VeritySignature.check(bytes, ROOT_HASH, signer.certificate());
    }

    @Test
    void isBelievedInAFileAndInALargerPartition() throws Exception {
        assertEquals(4096, contents.length);
        check(contents);
        check(Arrays.copyOf(contents, 1 << 16));
    }

    @Test
    void isNotBelievedOfAnotherRootHashOrByAnotherKey() throws Exception {
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () ->
                        VeritySignature.check(
                                contents, ROOT_HASH.replace('0', '1'), signer.certificate()));
        SigningIdentity other = TestingIdentity.of(KeyAlgorithm.ECDSA_P256, folder, "other");
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> VeritySignature.check(contents, ROOT_HASH, other.certificate()));
        String text = new String(contents, StandardCharsets.US_ASCII);
        byte[] unnamed =
                text.replaceFirst("\"certificateFingerprint\":\"[0-9a-f]+\",", "")
                        .getBytes(StandardCharsets.US_ASCII);
        check(unnamed);
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> VeritySignature.check(unnamed, ROOT_HASH, other.certificate()));
    }

    /** But for the name of a field that may be missing, and what PKCS #7 leaves unsigned. */
    @Test
    void isNotBelievedWithAByteChanged() {
        String text = new String(contents, StandardCharsets.US_ASCII);
        int name = text.indexOf("certificateFingerprint");
        int base64 = text.indexOf("\"signature\":\"") + "\"signature\":\"".length();
        int value = text.lastIndexOf('"') - 80;
        int last = text.lastIndexOf('"') - 3;
        for (int i = 0; i < contents.length; i++) {
            boolean counts =
                    (i < name || i >= name + "certificateFingerprint".length())
                            && (i < base64 || i >= value)
                            && (i < last || i >= last + 3);
            if (counts) {
                byte[] changed = contents.clone();
                changed[i] ^= 1;
                assertThrows(FlipsideException.class, () -> check(changed), "byte " + i);
            }
        }
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(new byte[0]));
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(new byte[4096]));
    }
}
