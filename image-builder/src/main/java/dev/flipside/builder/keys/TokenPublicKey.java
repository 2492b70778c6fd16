package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Optional;
import java.util.function.LongFunction;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Public keys as a token describes them (PKCS #11 3.0, clauses 2.1.2, 2.3.3 and 2.3.5). */
final class TokenPublicKey {
    private static final int RSA = 0x0;
    private static final int EC = 0x3;
    private static final int EDWARDS = 0x40;

    private TokenPublicKey() {}

    /**
     * Reads the attributes of a public key object.
     *
     * @param attribute the value of an attribute, if the object has it
     * @param name of the key in a failure
     * @throws FlipsideException {@code key-invalid} for a key of another kind
     */
    static PublicKey read(LongFunction<Optional<byte[]>> attribute, String name)
            throws FlipsideException {
        try {
            return PublicKeys.decode(spki(attribute).getEncoded());
        } catch (IOException
                | GeneralSecurityException
                | IllegalArgumentException
                | ClassCastException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.KEY_INVALID,
                            name,
                            "an RSA, ECDSA or Ed25519 key on the token",
                            "one of another kind",
                            "make such a key on the token"),
                    e);
        }
    }

    private static SubjectPublicKeyInfo spki(LongFunction<Optional<byte[]>> attribute)
            throws IOException, GeneralSecurityException {
        return switch (kind(attribute)) {
            case RSA ->
                    new SubjectPublicKeyInfo(
                            new AlgorithmIdentifier(
                                    PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                            new RSAPublicKey(
                                    number(attribute, Cryptoki.MODULUS),
                                    number(attribute, Cryptoki.PUBLIC_EXPONENT)));
            case EC ->
                    new SubjectPublicKeyInfo(
                            new AlgorithmIdentifier(
                                    X9ObjectIdentifiers.id_ecPublicKey,
                                    ASN1Primitive.fromByteArray(
                                            required(attribute, Cryptoki.EC_PARAMS))),
                            point(required(attribute, Cryptoki.EC_POINT)));
            case EDWARDS ->
                    new SubjectPublicKeyInfo(
                            new AlgorithmIdentifier(EdECObjectIdentifiers.id_Ed25519),
                            point(required(attribute, Cryptoki.EC_POINT)));
            default -> throw new GeneralSecurityException("another kind of key");
        };
    }

    private static int kind(LongFunction<Optional<byte[]>> attribute)
            throws GeneralSecurityException {
        byte[] kind = required(attribute, Cryptoki.KEY_TYPE);
        // CK_KEY_TYPE is a CK_ULONG of small values.
        return java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN
                ? Byte.toUnsignedInt(kind[0])
                : Byte.toUnsignedInt(kind[kind.length - 1]);
    }

    /** An octet string in DER, or, from libraries that forgot it, the point itself. */
    private static byte[] point(byte[] value) throws IOException {
        boolean wrapped = value.length > 2 && value[0] == 4 && value[1] == value.length - 2;
        return wrapped
                ? ASN1OctetString.getInstance(ASN1Primitive.fromByteArray(value)).getOctets()
                : value;
    }

    private static BigInteger number(LongFunction<Optional<byte[]>> attribute, long type)
            throws GeneralSecurityException {
        return new BigInteger(1, required(attribute, type));
    }

    private static byte[] required(LongFunction<Optional<byte[]>> attribute, long type)
            throws GeneralSecurityException {
        byte[] value =
                attribute
                        .apply(type)
                        .orElseThrow(() -> new GeneralSecurityException("no attribute " + type));
        if (value.length == 0) {
            throw new GeneralSecurityException("an empty attribute " + type);
        }
        return value;
    }
}
