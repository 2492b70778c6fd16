package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/** A private key in a PEM file: PKCS #8, with or without a passphrase (RFC 5958). */
record PemKey(String name, PrivateKey key) implements PrivateHalf {
    private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";
    private static final String BEGIN_ENCRYPTED = "-----BEGIN " + ENCRYPTED + "-----";

    static SigningKey open(Path file, Optional<String> passphrase)
            throws FlipsideException, IOException {
        String name = file.toString();
        byte[] pem = KeyFiles.bytes(file);
        byte[] pkcs8 =
                encrypted(pem)
                        ? decrypted(Pem.decode(pem, ENCRYPTED, name), passphrase, name)
                        : plain(pem, name);
        try {
            PublicKey publicKey = publicKey(pkcs8);
            PrivateKey privateKey =
                    KeyFactory.getInstance(publicKey.getAlgorithm())
                            .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            SigningKey key = new SigningKey(name, publicKey, new PemKey(name, privateKey));
            key.requireWhole();
            return key;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            // BouncyCastle has no other word for bytes that are no key than an unchecked exception.
            throw invalid(
                    name, "a private key of a known kind", "another one, or a damaged file", e);
        }
    }

    @Override
    public byte[] sign(SignatureScheme scheme, byte[] message) throws FlipsideException {
        try {
            return scheme.sign(key, message);
        } catch (GeneralSecurityException e) {
            throw invalid(name, "a key that signs", "one that does not", e);
        }
    }

    private static boolean encrypted(byte[] pem) {
        return new String(pem, StandardCharsets.ISO_8859_1).strip().startsWith(BEGIN_ENCRYPTED);
    }

    private static byte[] plain(byte[] pem, String name) throws FlipsideException {
        String text = new String(pem, StandardCharsets.ISO_8859_1).strip();
        if (text.startsWith("-----BEGIN ")
                && text.indexOf(" PRIVATE KEY-----") > 0
                && !text.startsWith("-----BEGIN PRIVATE")) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    name,
                    "PKCS #8, '-----BEGIN PRIVATE KEY-----'",
                    "'" + text.lines().findFirst().orElse("") + "'",
                    "convert it with 'openssl pkcs8 -topk8'");
        }
        return Pem.decode(pem, Pem.PRIVATE_KEY, name);
    }

    private static byte[] decrypted(byte[] der, Optional<String> passphrase, String name)
            throws FlipsideException {
        if (passphrase.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    name,
                    "a passphrase for it",
                    "none",
                    "give 'file:" + name + "?passphrase-file=FILE'");
        }
        try {
            EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
            // PBES2's parameters carry the names of its two algorithms (RFC 8018, clause 6.2).
            String algorithm =
                    encrypted.getAlgName().equals("PBES2") || encrypted.getAlgParameters() != null
                            ? String.valueOf(encrypted.getAlgParameters())
                            : encrypted.getAlgName();
            SecretKeyFactory factory = SecretKeyFactory.getInstance(algorithm);
            PBEKeySpec secret = new PBEKeySpec(passphrase.get().toCharArray());
            return encrypted.getKeySpec(factory.generateSecret(secret)).getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw invalid(
                    name,
                    "the passphrase that opens it",
                    "another one, or a cipher that Java lacks",
                    e);
        }
    }

    private static PublicKey publicKey(byte[] pkcs8) throws IOException, GeneralSecurityException {
        SubjectPublicKeyInfo spki =
                SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
                        publicHalf(PrivateKeyFactory.createKey(PrivateKeyInfo.getInstance(pkcs8))));
        return PublicKeys.decode(spki.getEncoded());
    }

    private static AsymmetricKeyParameter publicHalf(AsymmetricKeyParameter key)
            throws GeneralSecurityException {
        return switch (key) {
            case Ed25519PrivateKeyParameters ed -> ed.generatePublicKey();
            case RSAPrivateCrtKeyParameters rsa ->
                    new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
            case ECPrivateKeyParameters ec ->
                    new ECPublicKeyParameters(
                            ec.getParameters().getG().multiply(ec.getD()).normalize(),
                            ec.getParameters());
            case MLDSAPrivateKeyParameters mlDsa -> mlDsa.getPublicKeyParameters();
            default -> throw new GeneralSecurityException("a key of another kind");
        };
    }

    private static FlipsideException invalid(
            String name, String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.KEY_INVALID,
                        name,
                        expected,
                        found,
                        "make a key with 'key generate', or check the reference"),
                cause);
    }
}
