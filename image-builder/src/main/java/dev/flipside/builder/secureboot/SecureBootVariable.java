package dev.flipside.builder.secureboot;

import dev.flipside.builder.keys.Pkcs7;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.UUID;

/** A variable of Secure Boot, as a file that firmware takes when it has no keys yet. */
enum SecureBootVariable {
    PLATFORM_KEY("PK", EfiGuids.GLOBAL_VARIABLE),
    KEY_EXCHANGE_KEY("KEK", EfiGuids.GLOBAL_VARIABLE),
    DATABASE("db", EfiGuids.IMAGE_SECURITY_DATABASE);

    /**
     * Non-volatile, for boot and run time, with a timed signature (UEFI 2.10, clause 8.2.1): 0x01,
     * 0x02, 0x04 and 0x20.
     */
    private static final int ATTRIBUTES = 0x27;

    private static final int GUID_BYTES = 16;
    private static final int LIST_HEADER_BYTES = 28;
    private static final int TIME_BYTES = 16;
    private static final int CERTIFICATE_HEADER_BYTES = 24;
    private static final short REVISION = 0x0200;
    private static final short TYPE_EFI_GUID = 0x0ef1;

    private final String code;
    private final UUID vendor;

    SecureBootVariable(String code, UUID vendor) {
        this.code = code;
        this.vendor = vendor;
    }

    String code() {
        return code;
    }

    /**
     * EFI_VARIABLE_AUTHENTICATION_2 and the value after it (UEFI 2.10, clause 8.2.2): time of 16
     * bytes; WIN_CERTIFICATE_UEFI_GUID of 24 bytes with its length, revision 0x0200, type 0x0ef1
     * and the GUID of PKCS #7; SignedData; signature lists.
     *
     * @param owner stands beside each certificate, and means nothing to firmware
     */
    byte[] signed(
            SigningIdentity signer, List<X509Certificate> certificates, UUID owner, Instant time)
            throws FlipsideException {
        byte[] value = value(certificates, owner);
        byte[] stamp = time(time);
        byte[] signature = Pkcs7.bareSignedData(signer, signedBytes(stamp, value));
        byte[] bytes =
                new byte[TIME_BYTES + CERTIFICATE_HEADER_BYTES + signature.length + value.length];
        ByteBuffer file = littleEndian(bytes);
        file.put(stamp)
                .putInt(CERTIFICATE_HEADER_BYTES + signature.length)
                .putShort(REVISION)
                .putShort(TYPE_EFI_GUID);
        EfiGuids.put(file, EfiGuids.CERT_TYPE_PKCS7);
        file.put(signature).put(value);
        return bytes;
    }

    /** One EFI_SIGNATURE_LIST for each certificate (UEFI 2.10, clause 32.4.1). */
    static byte[] value(List<X509Certificate> certificates, UUID owner) {
        List<byte[]> encoded = certificates.stream().map(SigningIdentity::der).toList();
        byte[] bytes =
                new byte
                        [encoded.stream()
                                .mapToInt(der -> LIST_HEADER_BYTES + GUID_BYTES + der.length)
                                .sum()];
        ByteBuffer lists = littleEndian(bytes);
        for (byte[] der : encoded) {
            EfiGuids.put(lists, EfiGuids.CERT_X509);
            lists.putInt(LIST_HEADER_BYTES + GUID_BYTES + der.length)
                    .putInt(0)
                    .putInt(GUID_BYTES + der.length);
            EfiGuids.put(lists, owner);
            lists.put(der);
        }
        return bytes;
    }

    /** What is signed: name, vendor, attributes, time and value, one after the other. */
    private byte[] signedBytes(byte[] stamp, byte[] value) {
        byte[] name = code.getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes = new byte[name.length + GUID_BYTES + 4 + stamp.length + value.length];
        ByteBuffer buffer = littleEndian(bytes).put(name);
        EfiGuids.put(buffer, vendor);
        buffer.putInt(ATTRIBUTES).put(stamp).put(value);
        return bytes;
    }

    /** EFI_TIME in UTC, with all that a signature's time must leave zero (clause 8.2.2). */
    private static byte[] time(Instant time) {
        ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
        byte[] bytes = new byte[TIME_BYTES];
        littleEndian(bytes)
                .putShort((short) utc.getYear())
                .put((byte) utc.getMonthValue())
                .put((byte) utc.getDayOfMonth())
                .put((byte) utc.getHour())
                .put((byte) utc.getMinute())
                .put((byte) utc.getSecond());
        return bytes;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
