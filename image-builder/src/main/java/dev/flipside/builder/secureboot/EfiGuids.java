package dev.flipside.builder.secureboot;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The GUIDs of UEFI 2.10, clauses 3.3, 8.2.2 and 32.4.1. */
final class EfiGuids {
    /** Vendor of the variables PK and KEK. */
    static final UUID GLOBAL_VARIABLE = UUID.fromString("8be4df61-93ca-11d2-aa0d-00e098032b8c");

    /** Vendor of the variable db. */
    static final UUID IMAGE_SECURITY_DATABASE =
            UUID.fromString("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

    /** An X.509 certificate in a signature list. */
    static final UUID CERT_X509 = UUID.fromString("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");

    /** A PKCS #7 signature of a variable. */
    static final UUID CERT_TYPE_PKCS7 = UUID.fromString("4aafd29d-68df-49ee-8aa9-347d375665a7");

    private EfiGuids() {}

    /** The first three fields little-endian (UEFI 2.10, appendix A). */
    static void put(ByteBuffer littleEndian, UUID guid) {
        long high = guid.getMostSignificantBits();
        littleEndian
                .putInt((int) (high >>> 32))
                .putShort((short) (high >>> 16))
                .putShort((short) high)
                .putLong(Long.reverseBytes(guid.getLeastSignificantBits()));
    }
}
