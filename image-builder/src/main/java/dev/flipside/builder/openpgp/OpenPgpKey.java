package dev.flipside.builder.openpgp;

import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;

/**
 * A key as GnuPG sees it: just what systemd-sysupdate needs of OpenPGP (RFC 9580), which is a
 * certificate of version 4 and detached signatures.
 *
 * <p>Invariant: the fingerprint depends on the key alone, as the time of its creation, which no key
 * of ours has, is always the same.
 */
public final class OpenPgpKey {
    private static final int VERSION = 4;
    private static final int TYPE_SIGNATURE = 2;
    private static final int TYPE_PUBLIC_KEY = 6;
    private static final int TYPE_USER_ID = 13;
    private static final int OVER_BINARY = 0x00;
    private static final int OVER_USER_ID = 0x13;
    private static final int MAY_CERTIFY_AND_SIGN = 0x03;
    private static final int ID_BYTES = 8;
    private static final byte[] USER =
            "Flipside images for systemd-sysupdate".getBytes(StandardCharsets.UTF_8);

    /** One second after the first that 32 bits can say, as some take 0 for "unknown". */
    private static final Instant CREATED = Instant.ofEpochSecond(1);

    private final SigningKey key;
    private final KeyMaterial material;
    private final byte[] publicKey;
    private final byte[] fingerprint;

    private OpenPgpKey(SigningKey key, KeyMaterial material) {
        this.key = key;
        this.material = material;
        this.publicKey =
                new PacketBytes()
                        .octet(VERSION)
                        .four(CREATED.getEpochSecond())
                        .octet(material.algorithm())
                        .bytes(material.publicFields(key.publicKey()))
                        .array();
        this.fingerprint = sha1(hashedKey());
    }

    /**
     * @throws FlipsideException {@code key-invalid} for a kind of key that GnuPG does not know
     */
    public static OpenPgpKey of(SigningKey key) throws FlipsideException {
        return new OpenPgpKey(key, KeyMaterial.of(key));
    }

    /** The public key with a name that it has signed itself: a keyring. */
    public byte[] certificate() throws FlipsideException {
        byte[] named =
                new PacketBytes()
                        .bytes(hashedKey())
                        .octet(0xB4)
                        .four(USER.length)
                        .bytes(USER)
                        .array();
        return new PacketBytes()
                .packet(TYPE_PUBLIC_KEY, publicKey)
                .packet(TYPE_USER_ID, USER)
                .packet(TYPE_SIGNATURE, signature(OVER_USER_ID, CREATED, named))
                .array();
    }

    /** A signature that stands in a file of its own. */
    public byte[] sign(byte[] document, Instant time) throws FlipsideException {
        return new PacketBytes()
                .packet(TYPE_SIGNATURE, signature(OVER_BINARY, time, document))
                .array();
    }

    /** The body of a signature packet (clauses 5.2.3 and 5.2.4). */
    private byte[] signature(int type, Instant time, byte[] signed) throws FlipsideException {
        PacketBytes hashed =
                new PacketBytes()
                        .subpacket(2, new PacketBytes().four(time.getEpochSecond()).array())
                        .subpacket(33, new PacketBytes().octet(VERSION).bytes(fingerprint).array());
        if (type == OVER_USER_ID) {
            hashed.subpacket(27, new byte[] {MAY_CERTIFY_AND_SIGN});
        }
        byte[] head =
                new PacketBytes()
                        .octet(VERSION)
                        .octet(type)
                        .octet(material.algorithm())
                        .octet(material.hashAlgorithm())
                        .two(hashed.array().length)
                        .bytes(hashed.array())
                        .array();
        byte[] message =
                new PacketBytes()
                        .bytes(signed)
                        .bytes(head)
                        .octet(VERSION)
                        .octet(0xFF)
                        .four(head.length)
                        .array();
        byte[] issuer =
                Arrays.copyOfRange(fingerprint, fingerprint.length - ID_BYTES, fingerprint.length);
        byte[] unhashed = new PacketBytes().subpacket(16, issuer).array();
        return new PacketBytes()
                .bytes(head)
                .two(unhashed.length)
                .bytes(unhashed)
                .bytes(Arrays.copyOf(material.digest(message), 2))
                .bytes(material.sign(key, message))
                .array();
    }

    private byte[] hashedKey() {
        return new PacketBytes().octet(0x99).two(publicKey.length).bytes(publicKey).array();
    }

    /** What a fingerprint of version 4 is made with (clause 5.5.4.2); no signature rests on it. */
    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
