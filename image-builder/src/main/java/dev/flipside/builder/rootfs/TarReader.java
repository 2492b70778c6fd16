package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads a tar archive from front to back: V7, ustar, pax and GNU, byte for byte, and to its very
 * end. An archive that ends before its two zero records is truncated, and nothing but zeros may
 * follow them.
 *
 * <p>Invariant: {@code unread} is what is left of the data and padding of the entry that {@link
 * #next} returned last, of which {@code padding} bytes are padding.
 */
final class TarReader {
    /** What the headers before one entry may hold together: names, times, attributes. */
    private static final int MAX_EXTENSION_BYTES = 1 << 20;

    private static final int MAX_EXTENSIONS = 16;

    private final InputStream in;
    private final TarRefusal refusal;
    private final PaxKeys keys;
    private PaxRecords global = PaxRecords.NONE;
    private ByteString path = ByteString.utf8("");
    private Optional<SparseMap> sparse = Optional.empty();
    private long unread;
    private int padding;

    /** What is in the headers that nobody knows is counted in {@code keys}. */
    TarReader(InputStream in, TarRefusal refusal, PaxKeys keys) {
        this.in = in;
        this.refusal = refusal;
        this.keys = keys;
    }

    /** Thrown by the stream of {@link #content} when the archive ends within an entry. */
    static final class Truncated extends EOFException {
        private static final long serialVersionUID = 1L;

        private Truncated(String message) {
            super(message);
        }
    }

    /** The next entry, past what is unread of the one before; empty at the end of the archive. */
    Optional<TarEntry> next() throws IOException, FlipsideException {
        skipUnread();
        PaxRecords pax = PaxRecords.NONE;
        for (int extensions = 0; extensions <= MAX_EXTENSIONS; extensions++) {
            byte[] record = readRecord();
            if (TarHeader.isZero(record)) {
                if (extensions > 0) {
                    throw refusal.malformed("last header", "an entry", "the end of the archive");
                }
                readEnd();
                return Optional.empty();
            }
            TarHeader header = TarHeader.parse(record, refusal);
            switch (header.type()) {
                case 'g' -> {
                    global = global.overlaidWith(PaxRecords.parse(readExtension(header), refusal));
                    requireBounded(global.sizeBytes());
                }
                case 'x' ->
                        pax = pax.overlaidWith(PaxRecords.parse(readExtension(header), refusal));
                case 'L' -> pax = PaxRecords.of("path", readLongName(header)).overlaidWith(pax);
                case 'K' -> pax = PaxRecords.of("linkpath", readLongName(header)).overlaidWith(pax);
                default -> {
                    return Optional.of(begin(header, record, global.overlaidWith(pax)));
                }
            }
            requireBounded(pax.sizeBytes());
        }
        throw refusal.malformed(
                "headers after " + TarRefusal.entry(path),
                "at most " + MAX_EXTENSIONS + " before an entry",
                "more");
    }

    /** The contents of the file that {@link #next} returned last; may be read once. */
    InputStream content() {
        return sparse.isPresent() ? sparse.get().expand(new Content()) : new Content();
    }

    private TarEntry begin(TarHeader header, byte[] record, PaxRecords pax)
            throws IOException, FlipsideException {
        TarEntry entry = TarEntry.of(header, record, pax, refusal);
        path = entry.path();
        keys.check(pax, path);
        sparse = Optional.empty();
        if (entry.sparse().isPresent()) {
            beginSparse(entry, entry.sparse().get(), record, pax);
        } else {
            startData(entry.storedBytes());
        }
        return entry;
    }

    /** The map of version 1.0 is a part of the data; that of old GNU stands before it. */
    private void beginSparse(TarEntry entry, SparseFormat format, byte[] record, PaxRecords pax)
            throws IOException, FlipsideException {
        boolean inData = format == SparseFormat.PAX_1;
        if (inData) {
            startData(entry.storedBytes());
        }
        SparseMap map = format.map(entry, record, pax, inData ? new Content() : in, refusal);
        if (!inData) {
            startData(entry.storedBytes());
        }
        if (map.storedBytes() != unread - padding) {
            throw refusal.malformed(
                    TarRefusal.entry(path) + ", sparse map",
                    "parts of " + (unread - padding) + " bytes together",
                    map.storedBytes() + " bytes");
        }
        sparse = Optional.of(map);
    }

    private void startData(long sizeBytes) {
        padding = (int) (-sizeBytes & (TarHeader.RECORD_BYTES - 1));
        unread = sizeBytes + padding;
    }

    private byte[] readExtension(TarHeader header) throws IOException, FlipsideException {
        if (header.sizeBytes() < 0) {
            throw refusal.malformed("extended header", "a size", Long.toString(header.sizeBytes()));
        }
        requireBounded(header.sizeBytes());
        byte[] bytes = in.readNBytes((int) header.sizeBytes());
        startData(header.sizeBytes());
        unread = padding;
        if (bytes.length < header.sizeBytes()) {
            throw refusal.truncated("headers after " + TarRefusal.entry(path));
        }
        skipUnread();
        return bytes;
    }

    private void requireBounded(long sizeBytes) throws FlipsideException {
        if (sizeBytes > MAX_EXTENSION_BYTES) {
            throw refusal.malformed(
                    "extended header after " + TarRefusal.entry(path),
                    "at most " + MAX_EXTENSION_BYTES + " bytes",
                    sizeBytes + " bytes");
        }
    }

    private ByteString readLongName(TarHeader header) throws IOException, FlipsideException {
        ByteString name = ByteString.of(readExtension(header));
        int end = name.indexOf((byte) 0, 0);
        return end < 0 ? name : name.substring(0, end);
    }

    private byte[] readRecord() throws IOException, FlipsideException {
        byte[] record = in.readNBytes(TarHeader.RECORD_BYTES);
        if (record.length < TarHeader.RECORD_BYTES) {
            throw refusal.malformed(
                    "end of the archive, after " + TarRefusal.entry(path),
                    "two records of zeros",
                    "the end of the file (truncated)");
        }
        return record;
    }

    private void readEnd() throws IOException, FlipsideException {
        if (!TarHeader.isZero(readRecord())) {
            throw refusal.malformed(
                    "end of the archive", "two records of zeros", "one, and other bytes");
        }
        byte[] rest = new byte[1 << 16];
        for (int count = in.read(rest); count >= 0; count = in.read(rest)) {
            for (int i = 0; i < count; i++) {
                if (rest[i] != 0) {
                    throw refusal.malformed(
                            "end of the archive", "nothing but zeros after it", "other bytes");
                }
            }
        }
    }

    /** A file can be skipped beyond its end without notice, so the last byte is always read. */
    private void skipUnread() throws IOException, FlipsideException {
        while (unread > 1) {
            long skipped = in.skip(unread - 1);
            if (skipped <= 0) {
                skipped = in.read() < 0 ? unread : 1;
            }
            unread -= Math.min(skipped, unread - 1);
        }
        if (unread == 1 && in.read() < 0) {
            throw refusal.truncated(TarRefusal.entry(path));
        }
        unread = 0;
    }

    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int wanted = (int) Math.min(length, unread - padding);
            if (wanted <= 0) {
                return length == 0 ? 0 : -1;
            }
            int count = in.read(to, offset, wanted);
            if (count < 0) {
                throw new Truncated(TarRefusal.entry(path));
            }
            unread -= count;
            return count;
        }
    }
}
