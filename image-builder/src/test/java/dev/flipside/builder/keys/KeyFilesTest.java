package dev.flipside.builder.keys;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Pem;
import dev.flipside.tuf.TestSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KeyFilesTest {
    @TempDir Path folder;

    private KeyFiles files(String name) {
        return new KeyFiles(folder.resolve(name));
    }

    @ParameterizedTest
    @EnumSource
    void holdAKeyOfEveryAlgorithmThatSignsAfterItWasReadBack(KeyAlgorithm algorithm)
            throws FlipsideException, IOException, GeneralSecurityException {
        KeyFiles files = files("a");
        KeyPair made = algorithm.generate();
        files.create(made);
        KeyFactory factory = KeyFactory.getInstance(made.getPublic().getAlgorithm());
        Signature signature = Signature.getInstance(signatureName(algorithm));
        signature.initSign(factory.generatePrivate(new PKCS8EncodedKeySpec(files.readPrivate())));
        signature.update(new byte[100]);
        byte[] signed = signature.sign();
        signature.initVerify(factory.generatePublic(new X509EncodedKeySpec(files.readPublic())));
        signature.update(new byte[100]);
        assertTrue(signature.verify(signed));
    }

    private static String signatureName(KeyAlgorithm algorithm) {
        return switch (algorithm) {
            case ED25519 -> "Ed25519";
            case ECDSA_P256 -> "SHA256withECDSA";
            case ECDSA_P384 -> "SHA384withECDSA";
            case RSA_3072, RSA_4096 -> "SHA256withRSA";
            case ML_DSA_65 -> "ML-DSA-65";
        };
    }

    @Test
    void keepThePrivateKeyFromOthers() throws FlipsideException, IOException {
        KeyFiles files = files("root-1");
        files.create(KeyAlgorithm.ED25519.generate());
        assertEquals("root-1.key.pem", files.privateFile().getFileName().toString());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(files.privateFile())));
        assertEquals(
                "rw-r--r--",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(files.publicFile())));
    }

    @Test
    void areNeverOverwritten() throws FlipsideException, IOException {
        KeyFiles files = files("a");
        KeyPair pair = KeyAlgorithm.ED25519.generate();
        files.create(pair);
        byte[] before = Files.readAllBytes(files.privateFile());
        assertRefused(FailureCode.OUTPUT_EXISTS, () -> files.create(pair));
        Files.delete(files.publicFile());
        assertRefused(FailureCode.OUTPUT_EXISTS, () -> files.create(pair));
        assertArrayEquals(before, Files.readAllBytes(files.privateFile()));
        assertFalse(Files.exists(files.publicFile()));
    }

    @Test
    void makeASigningKeyWhoseHalvesBelongTogether() throws FlipsideException, IOException {
        TestSigner signer = TestSigner.number(1);
        files("a").create(signer.pair());
        SigningKey key = SigningKey.read(files("a"));
        assertEquals(signer.publicKey(), key.verificationKey());
        assertArrayEquals(signer.sign(new byte[3]), key.sign(new byte[3]));

        files("b").create(TestSigner.number(2).pair());
        Files.copy(
                files("a").publicFile(),
                files("b").publicFile(),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.read(files("b")));
    }

    @Test
    void areRefusedForSigningWhenMissingDamagedOrOfAnotherKind()
            throws FlipsideException, IOException {
        assertRefused(FailureCode.KEY_MISSING, () -> SigningKey.read(files("none")));
        files("a").create(TestSigner.number(1).pair());
        Files.write(files("a").privateFile(), new byte[10]);
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.read(files("a")));
        Files.write(files("a").privateFile(), Pem.encode(Pem.PRIVATE_KEY, new byte[10]));
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.read(files("a")));
        Files.write(files("a").privateFile(), new byte[2 * Pem.MAX_BYTES]);
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.read(files("a")));
        Files.delete(files("a").privateFile());
        Files.createDirectory(files("a").privateFile());
        assertRefused(FailureCode.KEY_MISSING, () -> SigningKey.read(files("a")));
    }
}
