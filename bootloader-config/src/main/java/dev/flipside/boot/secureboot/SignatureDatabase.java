package dev.flipside.boot.secureboot;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A list of what firmware starts, as {@code db}, or refuses, as {@code dbx} (UEFI 2.10, clause
 * 32.4.1). A value has EFI_SIGNATURE_LISTs, little-endian: 0 type (GUID), 16 size of the list, 20
 * of its header, 24 of each entry (u32 each); then header and entries, of an owner (GUID) and data.
 *
 * @param certificates that can be read; firmware can use no others either
 * @param images SHA-256 digests of images
 * @param revoked digests of the signed parts of certificates, SHA-256, SHA-384 or SHA-512 by length
 */
public record SignatureDatabase(
        List<X509Certificate> certificates, Set<ByteString> images, Set<ByteString> revoked) {
    private static final UUID X509 = UUID.fromString("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
    private static final UUID SHA256 = UUID.fromString("c1c41626-504c-4092-aca9-41f936934328");

    /** Types of digests of certificates, and their lengths; a time of revocation follows. */
    private static final Map<UUID, Integer> REVOKED =
            Map.of(
                    UUID.fromString("3bd2a492-96c0-4079-b420-fcf98ef103ed"), 32,
                    UUID.fromString("7076876e-80c2-4ee6-aad2-28b349a6865b"), 48,
                    UUID.fromString("446dbf63-2502-4cda-bcfa-2465d2b0fe9d"), 64);

    private static final int LIST_HEADER_BYTES = 28;
    private static final int OWNER_BYTES = 16;
    private static final int SHA256_BYTES = 32;

    public SignatureDatabase {
        certificates = List.copyOf(certificates);
        images = Set.copyOf(images);
        revoked = Set.copyOf(revoked);
    }

    public static SignatureDatabase empty() {
        return new SignatureDatabase(List.of(), Set.of(), Set.of());
    }

    /**
     * Reads the value of a variable; entries of other types are passed over.
     *
     * @param name of the variable, for the failure
     * @throws FlipsideException {@code signature-invalid} for what has no whole lists
     */
    public static SignatureDatabase parse(byte[] value, String name) throws FlipsideException {
        List<X509Certificate> certificates = new ArrayList<>();
        Set<ByteString> images = new HashSet<>();
        Set<ByteString> revoked = new HashSet<>();
        ByteBuffer lists = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        while (lists.hasRemaining()) {
            require(lists.remaining() >= LIST_HEADER_BYTES, name);
            UUID type = guid(lists);
            long entriesBytes = Integer.toUnsignedLong(lists.getInt()) - LIST_HEADER_BYTES;
            long headerBytes = Integer.toUnsignedLong(lists.getInt());
            long entryBytes = Integer.toUnsignedLong(lists.getInt());
            entriesBytes -= headerBytes;
            require(
                    headerBytes + entriesBytes <= lists.remaining()
                            && entryBytes > OWNER_BYTES
                            && entriesBytes >= 0
                            && entriesBytes % entryBytes == 0,
                    name);
            lists.position(lists.position() + (int) headerBytes);
            for (long left = entriesBytes; left > 0; left -= entryBytes) {
                byte[] data = new byte[(int) entryBytes - OWNER_BYTES];
                lists.position(lists.position() + OWNER_BYTES).get(data);
                if (type.equals(X509)) {
                    addIfReadable(data, certificates);
                } else if (type.equals(SHA256) && data.length == SHA256_BYTES) {
                    images.add(ByteString.of(data));
                } else if (REVOKED.containsKey(type) && data.length >= REVOKED.get(type)) {
                    revoked.add(ByteString.of(data, 0, REVOKED.get(type)));
                }
            }
        }
        return new SignatureDatabase(certificates, images, revoked);
    }

    /** The entries of both. */
    public SignatureDatabase and(SignatureDatabase other) {
        List<X509Certificate> allCertificates = new ArrayList<>(certificates);
        allCertificates.addAll(other.certificates);
        Set<ByteString> allImages = new HashSet<>(images);
        allImages.addAll(other.images);
        Set<ByteString> allRevoked = new HashSet<>(revoked);
        allRevoked.addAll(other.revoked);
        return new SignatureDatabase(allCertificates, allImages, allRevoked);
    }

    /** Whether it names this certificate or the authority that has issued it. */
    boolean vouchesFor(X509Certificate certificate) {
        return certificates.stream()
                .anyMatch(it -> it.equals(certificate) || Certificates.isIssuer(it, certificate));
    }

    /** Whether it names this certificate by the digest of its signed part. */
    boolean revokes(X509Certificate certificate) {
        if (revoked.isEmpty()) {
            return false;
        }
        try {
            byte[] signedPart = certificate.getTBSCertificate();
            for (String algorithm : List.of("SHA-256", "SHA-384", "SHA-512")) {
                byte[] digest = MessageDigest.getInstance(algorithm).digest(signedPart);
                if (revoked.contains(ByteString.of(digest))) {
                    return true;
                }
            }
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    private static void addIfReadable(byte[] der, List<X509Certificate> certificates) {
        try {
            certificates.add(AuthenticodeSignature.certificate(der));
        } catch (GeneralSecurityException e) {
            // It can vouch for nothing, and nothing can be shown to lead to it.
            return;
        }
    }

    /** The first three fields are little-endian (UEFI 2.10, appendix A). */
    private static UUID guid(ByteBuffer littleEndian) {
        long high = Integer.toUnsignedLong(littleEndian.getInt()) << 32;
        high |= Short.toUnsignedLong(littleEndian.getShort()) << 16;
        high |= Short.toUnsignedLong(littleEndian.getShort());
        return new UUID(high, Long.reverseBytes(littleEndian.getLong()));
    }

    private static void require(boolean holds, String name) throws FlipsideException {
        if (!holds) {
            throw new FlipsideException(
                    FailureCode.SIGNATURE_INVALID,
                    "the firmware's variable " + name,
                    "whole signature lists",
                    "other bytes",
                    "enrol the keys of Secure Boot again");
        }
    }
}
