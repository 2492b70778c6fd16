package dev.flipside.tuf;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The kinds of keys that sign metadata: {@code keytype} and {@code scheme} of TUF 1.0, section 4.2,
 * and for ML-DSA of its augmentation proposal 21. The JDK verifies all of them.
 */
public enum KeyScheme {
    /** RFC 8032, PureEdDSA; the key is 32 bytes in hex. */
    ED25519("ed25519", "ed25519", "Ed25519", "302a300506032b6570032100", 44),
    /** FIPS 186-5 on P-256 with SHA-256; the key is PEM, the signature DER. */
    ECDSA_P256(
            "ecdsa",
            "ecdsa-sha2-nistp256",
            "EC",
            "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
            91),
    /** FIPS 186-5 on P-384 with SHA-384; the key is PEM, the signature DER. */
    ECDSA_P384(
            "ecdsa",
            "ecdsa-sha2-nistp384",
            "EC",
            "3076301006072a8648ce3d020106052b8104002203620004",
            120),
    /** RFC 8017, PSS with SHA-256 and MGF1 with SHA-256; the key is PEM, of 2048 bits or more. */
    RSA_PSS("rsa", "rsassa-pss-sha256", "RSA", "3082", 0),
    /** FIPS 204, over a digest (TAP 21, version 1); the key is PEM. */
    ML_DSA_65(
            "ml-dsa",
            "ml-dsa-65/1",
            "ML-DSA",
            "308207b2300b0609608648016503040312038207a100",
            1974);

    private static final int MIN_RSA_BITS = 2048;
    private static final int MAX_RSA_BITS = 8192;
    private static final int SHA_256_BYTES = 32;
    private static final byte[] TAP_21_VERSION_1 = {'t', 'u', 'f', 1};

    private final String keyType;
    private final String code;
    private final String jdkName;
    private final String spkiPrefixHex;
    private final int spkiBytes;

    KeyScheme(String keyType, String code, String jdkName, String spkiPrefixHex, int spkiBytes) {
        this.keyType = keyType;
        this.code = code;
        this.jdkName = jdkName;
        this.spkiPrefixHex = spkiPrefixHex;
        this.spkiBytes = spkiBytes;
    }

    public String keyType() {
        return keyType;
    }

    /** The value of {@code scheme}. */
    public String code() {
        return code;
    }

    /** The name of the JDK's {@code KeyFactory}. */
    public String jdkName() {
        return jdkName;
    }

    /**
     * The bytes of a SubjectPublicKeyInfo before the key itself, where these are always the same.
     */
    byte[] spkiPrefix() {
        return HexFormat.of().parseHex(spkiPrefixHex);
    }

    /**
     * Whether this is the SubjectPublicKeyInfo of a key of this kind, in the one form that DER has
     * for it: a curve by its name, and a point that is not compressed.
     */
    boolean fits(byte[] spki) {
        byte[] prefix = spkiPrefix();
        return (spkiBytes == 0 || spki.length == spkiBytes)
                && spki.length > prefix.length
                && Arrays.equals(spki, 0, prefix.length, prefix, 0, prefix.length);
    }

    /** Whether the JDK's key has a size that is used here. */
    boolean fits(PublicKey key) {
        return this != RSA_PSS || (key instanceof RSAKey rsa && fits(rsa));
    }

    private static boolean fits(RSAKey key) {
        int bits = key.getModulus().bitLength();
        return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
    }

    /**
     * What a key of this kind signs of a message: the message, or for ML-DSA a short string with
     * its digest, which fits into any token.
     */
    public byte[] toBeSigned(byte[] message) {
        if (this != ML_DSA_65) {
            return message.clone();
        }
        byte[] digest = Digests.sha512(message);
        byte[] bytes = Arrays.copyOf(TAP_21_VERSION_1, TAP_21_VERSION_1.length + digest.length);
        System.arraycopy(digest, 0, bytes, TAP_21_VERSION_1.length, digest.length);
        return bytes;
    }

    /** Whether a key made this signature; never throws, whatever the bytes are. */
    boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        byte[] signed = toBeSigned(message);
        try {
            return switch (this) {
                case ED25519 -> verifies(Signature.getInstance("Ed25519"), key, signed, signature);
                case ECDSA_P256 ->
                        verifies(Signature.getInstance("SHA256withECDSA"), key, signed, signature);
                case ECDSA_P384 ->
                        verifies(Signature.getInstance("SHA384withECDSA"), key, signed, signature);
                case ML_DSA_65 ->
                        verifies(Signature.getInstance("ML-DSA-65"), key, signed, signature);
                case RSA_PSS -> verifiesPss(key, signed, signature);
            };
        } catch (GeneralSecurityException e) {
            // A key that is no point, or a signature of another length or form: not this key's.
            return false;
        }
    }

    private static boolean verifies(
            Signature verifier, PublicKey key, byte[] signed, byte[] signature)
            throws GeneralSecurityException {
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature);
    }

    // The scheme does not say how long the salt is: writers take the digest's length, or all room.
    private static boolean verifiesPss(PublicKey key, byte[] signed, byte[] signature)
            throws GeneralSecurityException {
        int encodedBytes = (((RSAKey) key).getModulus().bitLength() + 6) / 8;
        if (signature.length != (((RSAKey) key).getModulus().bitLength() + 7) / 8) {
            return false;
        }
        for (int saltBytes : new int[] {SHA_256_BYTES, encodedBytes - SHA_256_BYTES - 2}) {
            Signature verifier = Signature.getInstance("RSASSA-PSS");
            verifier.setParameter(pss(saltBytes));
            if (verifies(verifier, key, signed, signature)) {
                return true;
            }
        }
        return false;
    }

    private static PSSParameterSpec pss(int saltBytes) {
        return new PSSParameterSpec(
                "SHA-256",
                "MGF1",
                MGF1ParameterSpec.SHA256,
                saltBytes,
                PSSParameterSpec.TRAILER_FIELD_BC);
    }
}
