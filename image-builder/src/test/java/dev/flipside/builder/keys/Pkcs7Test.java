package dev.flipside.builder.keys;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Signature;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class Pkcs7Test {
    private static final byte[] CONTENT = "0123".repeat(16).getBytes(StandardCharsets.US_ASCII);

    @TempDir Path folder;

    /** No attributes and no certificates: the signature is the plain one of the content. */
    @ParameterizedTest
    @EnumSource(names = {"RSA_3072", "RSA_4096", "ECDSA_P256", "ECDSA_P384"})
    void isThePlainSignatureOfTheContent(KeyAlgorithm algorithm) throws Exception {
        SigningIdentity identity = TestingIdentity.of(algorithm, folder, "a");
        byte[] der = Pkcs7.detached(identity, CONTENT);
        CMSSignedData signed = new CMSSignedData(der);
        assertEquals(0, signed.getCertificates().getMatches(null).size());
        assertNull(signed.getSignedContent());
        assertEquals(1, signed.getSignerInfos().size());
        SignerInformation signer = signed.getSignerInfos().iterator().next();
        assertNull(signer.getSignedAttributes());
        Signature jdk =
                Signature.getInstance(
                        switch (algorithm) {
                            case RSA_3072, RSA_4096 -> "SHA256withRSA";
                            case ECDSA_P256 -> "SHA256withECDSA";
                            case ECDSA_P384 -> "SHA384withECDSA";
                            case ED25519, ML_DSA_65 -> throw new IllegalStateException();
                        });
        jdk.initVerify(identity.certificate());
        jdk.update(CONTENT);
        assertTrue(jdk.verify(signer.getSignature()));
    }

    @Test
    void withRsaIsTheSameEachTime() throws Exception {
        SigningIdentity identity = TestingIdentity.of(KeyAlgorithm.RSA_3072, folder, "a");
        assertArrayEquals(Pkcs7.detached(identity, CONTENT), Pkcs7.detached(identity, CONTENT));
    }

    @ParameterizedTest
    @EnumSource(names = {"ED25519", "ML_DSA_65"})
    void isRefusedToKeysThatKernelsCannotCheck(KeyAlgorithm algorithm) throws Exception {
        SigningIdentity identity = TestingIdentity.of(algorithm, folder, "a");
        assertRefused(FailureCode.KEY_INVALID, () -> Pkcs7.detached(identity, CONTENT));
        assertRefused(FailureCode.KEY_INVALID, () -> Pkcs7.requireKindOfKernel(identity));
    }

    @ParameterizedTest
    @EnumSource(names = {"RSA_3072", "ECDSA_P256", "ECDSA_P384"})
    void isBelievedOfItsOwnContentAndKeyAlone(KeyAlgorithm algorithm) throws Exception {
        SigningIdentity identity = TestingIdentity.of(algorithm, folder, "a");
        byte[] der = Pkcs7.detached(identity, CONTENT);
        Pkcs7Check check = new Pkcs7Check(identity.certificate());
        assertTrue(check.verifies(der, CONTENT));
        assertFalse(check.verifies(der, Arrays.copyOf(CONTENT, 63)));
        // The same name, another key.
        Path other = folder.resolve("other");
        java.nio.file.Files.createDirectory(other);
        SigningIdentity another = TestingIdentity.of(algorithm, other, "a");
        assertFalse(new Pkcs7Check(another.certificate()).verifies(der, CONTENT));
    }

    @Test
    void isNotBelievedWithAnyByteOfItsSignatureChanged() throws Exception {
        SigningIdentity identity = TestingIdentity.of(KeyAlgorithm.ECDSA_P256, folder, "a");
        byte[] der = Pkcs7.detached(identity, CONTENT);
        Pkcs7Check check = new Pkcs7Check(identity.certificate());
        byte[] value = new CMSSignedData(der).getSignerInfos().iterator().next().getSignature();
        for (int i = der.length - value.length; i < der.length; i++) {
            byte[] changed = der.clone();
            changed[i] ^= 1;
            assertFalse(check.verifies(changed, CONTENT), "byte " + i);
        }
    }

    @Test
    void isAnAnswerForAnyBytes() throws Exception {
        SigningIdentity identity = TestingIdentity.of(KeyAlgorithm.ECDSA_P256, folder, "a");
        byte[] der = Pkcs7.bareSignedData(identity, CONTENT);
        byte[] whole = Pkcs7.detached(identity, CONTENT);
        Pkcs7Check check = new Pkcs7Check(identity.certificate());
        assertFalse(check.verifies(new byte[0], CONTENT));
        assertFalse(check.verifies(der, CONTENT), "SignedData without its ContentInfo");
        long seed = 11;
        SplittableRandom random = new SplittableRandom(seed);
        byte[] other = "ffff".repeat(16).getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 3000; round++) {
            byte[] hostile = Arrays.copyOf(whole, random.nextInt(whole.length) + 1);
            for (int i = 0; i < 3; i++) {
                hostile[random.nextInt(hostile.length)] = (byte) random.nextInt(256);
            }
            assertFalse(check.verifies(hostile, other), "seed %d round %d".formatted(seed, round));
            assertTrue(check.content(hostile).isEmpty(), "seed %d round %d".formatted(seed, round));
        }
    }
}
