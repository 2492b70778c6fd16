package dev.flipside.builder.keys;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS8EncryptedPrivateKeyInfoBuilder;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SigningKeyTest {
    private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void ofAPrivateFileAloneKnowsItsPublicHalfAndSigns(KeyAlgorithm algorithm)
            throws FlipsideException, IOException {
        KeyPair pair = algorithm.generate();
        SigningKey key = SigningKey.open(write("a.pem", pair).toString());
        assertArrayEquals(pair.getPublic().getEncoded(), key.publicKey().getEncoded());
        assertEquals(scheme(algorithm), key.scheme());
        byte[] signature = key.sign(MESSAGE);
        assertTrue(key.scheme().verifies(pair.getPublic(), MESSAGE, signature));
        assertFalse(key.scheme().verifies(pair.getPublic(), new byte[1], signature));
        signature[signature.length / 2] ^= 1;
        assertFalse(key.scheme().verifies(pair.getPublic(), MESSAGE, signature));
    }

    private static SignatureScheme scheme(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case ED25519 -> SignatureScheme.ED25519;
            case ECDSA_P256 -> SignatureScheme.ECDSA_P256_SHA256;
            case ECDSA_P384 -> SignatureScheme.ECDSA_P384_SHA384;
            case RSA_3072, RSA_4096 -> SignatureScheme.RSA_PSS_SHA256;
            case ML_DSA_65 -> SignatureScheme.ML_DSA_65;
        };
    }

    @Test
    void ofRsaSignsInTheWayOfFirmwareToo() throws FlipsideException, IOException {
        KeyPair pair = KeyAlgorithm.RSA_3072.generate();
        SigningKey key = SigningKey.open(write("a.pem", pair).toString());
        byte[] signature = key.sign(MESSAGE, SignatureScheme.RSA_PKCS1_SHA256);
        assertTrue(SignatureScheme.RSA_PKCS1_SHA256.verifies(pair.getPublic(), MESSAGE, signature));
        assertArrayEquals(signature, key.sign(MESSAGE, SignatureScheme.RSA_PKCS1_SHA256));
        assertRefused(FailureCode.KEY_INVALID, () -> key.sign(MESSAGE, SignatureScheme.ED25519));
    }

    @Test
    void opensAnEncryptedFileWithItsPassphrase() throws FlipsideException, IOException {
        Path file = folder.resolve("a.pem");
        KeyPair pair = KeyAlgorithm.ECDSA_P256.generate();
        Files.write(file, Pem.encode("ENCRYPTED PRIVATE KEY", encrypted(pair, "open sesame")));
        Path right = Files.writeString(folder.resolve("right"), "open sesame\nmore\n");
        Path wrong = Files.writeString(folder.resolve("wrong"), "open, sesame\n");
        assertArrayEquals(
                pair.getPublic().getEncoded(),
                SigningKey.open("file:" + file + "?passphrase-file=" + right)
                        .publicKey()
                        .getEncoded());
        assertRefused(
                FailureCode.KEY_INVALID,
                () -> SigningKey.open("file:" + file + "?passphrase-file=" + wrong));
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(file.toString()));
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open("file:" + file));
        assertRefused(
                FailureCode.INPUT_MISSING,
                () -> SigningKey.open("file:" + file + "?passphrase-file=" + folder + "/none"));
        assertRefused(
                FailureCode.INPUT_MISSING,
                () -> SigningKey.open("file:" + file + "?passphrase-env=FLIPSIDE_NO_SUCH_NAME"));
        assertRefused(
                FailureCode.ARGUMENT_INVALID,
                () -> SigningKey.open("file:" + file + "?colour=red"));
    }

    private static byte[] encrypted(KeyPair pair, String passphrase) throws IOException {
        try {
            return new JcaPKCS8EncryptedPrivateKeyInfoBuilder(pair.getPrivate())
                    .build(
                            new JcePKCSPBEOutputEncryptorBuilder(
                                            NISTObjectIdentifiers.id_aes256_CBC)
                                    .setProvider(new BouncyCastleProvider())
                                    .build(passphrase.toCharArray()))
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IOException(e);
        }
    }

    @Test
    void refusesWhatIsNoKeyOrNoneOfAKnownKind()
            throws FlipsideException, IOException, GeneralSecurityException {
        assertRefused(FailureCode.KEY_MISSING, () -> SigningKey.open(folder + "/none.pem"));
        assertRefused(FailureCode.KEY_MISSING, () -> SigningKey.open(folder.toString()));
        assertRefused(FailureCode.ARGUMENT_INVALID, () -> SigningKey.open("a\0b"));
        byte[] der = KeyAlgorithm.ED25519.generate().getPrivate().getEncoded();
        for (int length = 0; length < der.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(der, length);
            Path file = folder.resolve("cut-" + length + ".pem");
            Files.write(file, Pem.encode(Pem.PRIVATE_KEY, cut));
            assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(file.toString()));
        }
        KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
        small.initialize(1024);
        Path weak = write("weak.pem", small.generateKeyPair());
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(weak.toString()));
        Path other = write("x.pem", KeyPairGenerator.getInstance("X25519").generateKeyPair());
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(other.toString()));
        Path mlDsa44 = write("44.pem", KeyPairGenerator.getInstance("ML-DSA-44").generateKeyPair());
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(mlDsa44.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA PRIVATE KEY", "EC PRIVATE KEY"})
    void saysHowToConvertAnOlderFormat(String label) throws IOException {
        Path file = folder.resolve("old.pem");
        Files.write(file, Pem.encode(label, new byte[100]));
        assertTrue(
                assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(file.toString()))
                        .line()
                        .contains("openssl pkcs8 -topk8"));
    }

    private Path write(String name, KeyPair pair) throws IOException {
        return Files.write(
                folder.resolve(name), Pem.encode(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded()));
    }
}
