package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Which parts of a file an archive holds; what is between them is zeros.
 *
 * <p>Invariants: the parts ascend, do not overlap, and end within the file.
 */
final class SparseMap {
    /** 16 bytes each in memory, for one file at a time. */
    private static final int MAX_PARTS = 1 << 20;

    private final long fileBytes;
    private long[] offsets = new long[8];
    private long[] lengths = new long[8];
    private int count;
    private long storedBytes;

    SparseMap(long fileBytes) {
        this.fileBytes = fileBytes;
    }

    void add(long offset, long length, String where, TarRefusal refusal) throws FlipsideException {
        long previousEnd = count == 0 ? 0 : offsets[count - 1] + lengths[count - 1];
        if (offset < previousEnd || length < 0 || length > fileBytes - offset) {
            throw refusal.malformed(
                    where,
                    "parts that ascend within " + fileBytes + " bytes",
                    length + " bytes at " + offset);
        }
        if (count == MAX_PARTS) {
            throw refusal.malformed(where, "at most " + MAX_PARTS + " parts", "more");
        }
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        offsets[count] = offset;
        lengths[count] = length;
        count++;
        storedBytes += length;
    }

    /** Of all parts together. */
    long storedBytes() {
        return storedBytes;
    }

    /** The whole file, from a stream of its parts. */
    InputStream expand(InputStream stored) {
        return new Expanded(stored);
    }

    private final class Expanded extends InputStream {
        private final InputStream stored;
        private long position;
        private int part;

        Expanded(InputStream stored) {
            this.stored = stored;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (part < count && position == offsets[part] + lengths[part]) {
                part++;
            }
            boolean inPart = part < count && position >= offsets[part];
            long end;
            if (inPart) {
                end = offsets[part] + lengths[part];
            } else {
                end = part < count ? offsets[part] : fileBytes;
            }
            int wanted = (int) Math.min(length, end - position);
            if (wanted == 0) {
                return -1;
            }
            int read = wanted;
            if (inPart) {
                read = stored.read(to, offset, wanted);
            } else {
                Arrays.fill(to, offset, offset + wanted, (byte) 0);
            }
            position += Math.max(read, 0);
            return read;
        }
    }
}
