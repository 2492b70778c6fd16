package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VerificationKeyTest {
    // RFC 8032, clause 7.1, tests 1 and 2.
    private static final String PUBLIC_1 =
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    private static final String SIGNATURE_1 =
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    private static final String PUBLIC_2 =
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    private static final String SIGNATURE_2 =
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    // Computed apart from this code, with sha256sum.
    private static final String KEY_ID_1 =
            "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916";

    private static VerificationKey key(String type, String scheme, String publicText)
            throws FlipsideException {
        ObjectNode json = StrictJson.object().put("keytype", type).put("scheme", scheme);
        json.putObject("keyval").put("public", publicText);
        return VerificationKey.parse(new JsonFields(json, "key", FailureCode.METADATA_MALFORMED));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @Test
    void verifiesTheSignaturesOfRfc8032() throws FlipsideException {
        VerificationKey first = key("ed25519", "ed25519", PUBLIC_1);
        VerificationKey second = key("ed25519", "ed25519", PUBLIC_2);
        assertTrue(first.verifies(new byte[0], hex(SIGNATURE_1)));
        assertTrue(second.verifies(hex("72"), hex(SIGNATURE_2)));
        assertFalse(first.verifies(hex("00"), hex(SIGNATURE_1)));
        assertFalse(second.verifies(new byte[0], hex(SIGNATURE_1)));
    }

    @Test
    void takesTheDigestOfTheCanonicalKeyForItsId() throws FlipsideException {
        assertEquals(KEY_ID_1, key("ed25519", "ed25519", PUBLIC_1).keyId());
    }

    @Test
    void keepsUnknownFieldsOfAKeyInItsId() throws FlipsideException {
        ObjectNode json = key("ed25519", "ed25519", PUBLIC_1).json().deepCopy().put("owner", "a");
        VerificationKey key =
                VerificationKey.parse(new JsonFields(json, "key", FailureCode.METADATA_MALFORMED));
        assertFalse(key.keyId().equals(KEY_ID_1));
        assertEquals(key("ed25519", "ed25519", PUBLIC_1).identity(), key.identity());
    }

    @Test
    void countsNothingForAKindOfKeyThatItDoesNotKnow() throws FlipsideException {
        assertFalse(key("ed448", "ed448", PUBLIC_1).verifies(new byte[0], hex(SIGNATURE_1)));
        assertFalse(key("ed25519", "ed25519ph", PUBLIC_1).verifies(new byte[0], hex(SIGNATURE_1)));
    }

    @Test
    void refusesAPublicKeyOfAWrongForm() {
        for (String text :
                new String[] {
                    "",
                    PUBLIC_1.substring(2),
                    PUBLIC_1 + "00",
                    PUBLIC_1.toUpperCase(java.util.Locale.ROOT)
                }) {
            assertRefused(FailureCode.METADATA_MALFORMED, () -> key("ed25519", "ed25519", text));
        }
    }

    @Test
    void verifiesNothingWithBytesThatAreNoPointOrNoSignature() throws FlipsideException {
        VerificationKey noPoint = key("ed25519", "ed25519", "02" + "00".repeat(30) + "80");
        assertFalse(noPoint.verifies(new byte[0], hex(SIGNATURE_1)));
        VerificationKey key = key("ed25519", "ed25519", PUBLIC_1);
        for (int length : new int[] {0, 1, 63, 65, 10_000}) {
            assertFalse(key.verifies(new byte[0], new byte[length]), "length " + length);
        }
    }

    @Test
    void refusesToTurnAnotherKindOfJdkKeyIntoMetadata() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
        assertRefused(
                FailureCode.KEY_INVALID,
                () -> VerificationKey.of(generator.generateKeyPair().getPublic()));
    }

    @ParameterizedTest
    @EnumSource
    void verifiesEveryKindOfKeyThatItNames(KeyScheme scheme) throws FlipsideException {
        TestSigner signer = TestSigner.random(scheme);
        TestSigner other = TestSigner.random(scheme);
        byte[] message = {1, 2, 3};
        byte[] signature = signer.sign(message);
        VerificationKey read =
                VerificationKey.parse(
                        new JsonFields(
                                signer.publicKey().json(), "key", FailureCode.METADATA_MALFORMED));
        assertEquals(scheme, read.scheme().orElseThrow());
        assertEquals(signer.publicKey().identity(), read.identity());
        assertTrue(read.verifies(message, signature));
        assertFalse(read.verifies(new byte[] {1, 2, 4}, signature));
        assertFalse(other.publicKey().verifies(message, signature));
        Random random = new Random(7);
        for (int i = 0; i < 64; i++) {
            byte[] bytes = i % 2 == 0 ? signature.clone() : new byte[random.nextInt(600)];
            if (i % 2 == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            } else {
                random.nextBytes(bytes);
            }
            assertFalse(read.verifies(message, bytes), "seed 7, round " + i);
        }
    }

    @Test
    void verifiesPssWithASaltOfTheDigestsLengthOrOfAllRoom() {
        TestSigner signer = TestSigner.random(KeyScheme.RSA_PSS);
        assertTrue(signer.publicKey().verifies(new byte[1], signer.sign(new byte[1], 32)));
        assertTrue(signer.publicKey().verifies(new byte[1], signer.sign(new byte[1], 222)));
    }

    @Test
    void signsWithMlDsaWhatProposal21Says() {
        byte[] signed = KeyScheme.ML_DSA_65.toBeSigned(new byte[0]);
        // "tuf", version 1, and the SHA-512 of nothing.
        assertEquals(
                "74756601cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                HexFormat.of().formatHex(signed));
    }

    @Test
    void countsNothingForAKeyThatIsDamaged() throws FlipsideException {
        String pem =
                TestSigner.random(KeyScheme.ECDSA_P256)
                        .publicKey()
                        .json()
                        .at("/keyval/public")
                        .textValue();
        for (String text : new String[] {"", "zz", pem.substring(40), pem.replace('E', 'F')}) {
            VerificationKey key = key("ecdsa", "ecdsa-sha2-nistp256", text);
            assertTrue(key.scheme().isEmpty(), text);
            assertFalse(key.verifies(new byte[0], new byte[70]));
        }
        // A key of one curve under the name of the other.
        assertTrue(key("ecdsa", "ecdsa-sha2-nistp384", pem).scheme().isEmpty());
    }

    @Test
    void refusesAnRsaKeyThatIsTooShort() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        assertRefused(
                FailureCode.KEY_INVALID,
                () -> VerificationKey.of(generator.generateKeyPair().getPublic()));
    }
}
