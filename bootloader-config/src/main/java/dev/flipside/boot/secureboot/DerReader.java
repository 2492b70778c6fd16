package dev.flipside.boot.secureboot;

import java.util.Arrays;
import java.util.Optional;

/**
 * Reads DER (ITU-T X.690, clause 10), one element after the other. Tags have one byte, as all that
 * signatures have; no element is longer than the one around it.
 */
final class DerReader {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private static final int LONG_LENGTH = 0x80;
    private static final int MAX_LENGTH_BYTES = 3;

    private final byte[] bytes;
    private final int end;
    private int at;

    DerReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private DerReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** Bytes that are not what is read. */
    static final class NotDer extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The tag {@code [number]} of a part that has others inside. */
    static int context(int number) {
        return 0xa0 | number;
    }

    /** One element: its tag, length and contents, and the contents alone. */
    final class Element {
        private final int from;
        private final int contentsFrom;
        private final int to;

        private Element(int from, int contentsFrom, int to) {
            this.from = from;
            this.contentsFrom = contentsFrom;
            this.to = to;
        }

        byte[] whole() {
            return Arrays.copyOfRange(bytes, from, to);
        }

        byte[] contents() {
            return Arrays.copyOfRange(bytes, contentsFrom, to);
        }

        DerReader inside() {
            return new DerReader(bytes, contentsFrom, to);
        }
    }

    boolean atEnd() {
        return at == end;
    }

    /** The next element, which must have this tag. */
    Element next(int tag) throws NotDer {
        if (at >= end || (bytes[at] & 0xff) != tag) {
            throw new NotDer();
        }
        return any();
    }

    /** The next element, when it has this tag. */
    Optional<Element> nextIf(int tag) throws NotDer {
        return at < end && (bytes[at] & 0xff) == tag ? Optional.of(any()) : Optional.empty();
    }

    /** The next element, whatever its tag. */
    Element any() throws NotDer {
        int from = at;
        int lengthAt = at + 1;
        if (lengthAt >= end) {
            throw new NotDer();
        }
        int length = bytes[lengthAt] & 0xff;
        int contentsFrom = lengthAt + 1;
        if (length >= LONG_LENGTH) {
            int count = length - LONG_LENGTH;
            if (count < 1 || count > MAX_LENGTH_BYTES || count > end - contentsFrom) {
                throw new NotDer();
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | (bytes[contentsFrom++] & 0xff);
            }
        }
        if (length > end - contentsFrom) {
            throw new NotDer();
        }
        at = contentsFrom + length;
        return new Element(from, contentsFrom, at);
    }
}
