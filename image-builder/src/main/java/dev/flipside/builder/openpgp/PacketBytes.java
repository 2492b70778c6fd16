package dev.flipside.builder.openpgp;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/** Bytes of OpenPGP packets as they are put together (RFC 9580); all integers are big-endian. */
final class PacketBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    PacketBytes octet(int value) {
        out.write(value);
        return this;
    }

    PacketBytes two(int value) {
        return octet(value >>> 8).octet(value);
    }

    PacketBytes four(long value) {
        return two((int) (value >>> 16)).two((int) value);
    }

    PacketBytes bytes(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** A number of any length: its bits, then its octets (clause 3.2). */
    PacketBytes number(byte[] magnitude) {
        BigInteger number = new BigInteger(1, magnitude);
        byte[] octets = number.toByteArray();
        int sign = octets[0] == 0 ? 1 : 0;
        two(number.bitLength());
        out.write(octets, sign, octets.length - sign);
        return this;
    }

    /** A packet with its header in the current format (clause 4.2.1), lengths in five octets. */
    PacketBytes packet(int type, byte[] body) {
        return octet(0xC0 | type).octet(0xFF).four(body.length).bytes(body);
    }

    /** A subpacket of a signature (clause 5.2.3.7); its length counts the type, too. */
    PacketBytes subpacket(int type, byte[] body) {
        return octet(body.length + 1).octet(type).bytes(body);
    }

    byte[] array() {
        return out.toByteArray();
    }
}
