package dev.flipside.builder.rootfs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The contents of a gzip file (RFC 1952) with all its members, to the very end. The JDK's stream
 * takes whatever follows the first member and is not whole for the end of the file; this one
 * refuses it, and lets only zeros follow, as on a tape.
 */
final class GzipMembers extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int FLAGS_RESERVED = 0xe0;
    private static final int DEFLATE = 8;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private boolean inMember;
    private boolean atEnd;

    GzipMembers(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        while (length > 0) {
            if (!inMember && (atEnd || !beginMember())) {
                return -1;
            }
            int count = inflate(to, offset, length);
            if (count > 0) {
                crc.update(to, offset, count);
                return count;
            }
            if (inflater.finished()) {
                endMember();
            } else if (inflater.needsDictionary()) {
                throw new ZipException("deflate with a preset dictionary");
            } else {
                fill();
            }
        }
        return 0;
    }

    private int inflate(byte[] to, int offset, int length) throws IOException {
        try {
            return inflater.inflate(to, offset, length);
        } catch (DataFormatException e) {
            throw new ZipException(String.valueOf(e.getMessage()));
        }
    }

    private void fill() throws IOException {
        if (!hasMore()) {
            throw new EOFException("the end of the file within a member");
        }
        inflater.setInput(buffer, position, limit - position);
        position = limit;
    }

    /** False at the end of the file. */
    private boolean beginMember() throws IOException {
        boolean first = inflater.getBytesRead() == 0;
        if (!first && endsHere()) {
            atEnd = true;
            return false;
        }
        if (next() != 0x1f || next() != 0x8b || next() != DEFLATE) {
            throw new ZipException("other bytes where a member begins");
        }
        int flags = next();
        if ((flags & FLAGS_RESERVED) != 0) {
            throw new ZipException("flags " + flags);
        }
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(buffer, position, limit - position);
        position = limit;
        crc.reset();
        inMember = true;
        return true;
    }

    private void endMember() throws IOException {
        position = limit - inflater.getRemaining();
        if (number() != crc.getValue()) {
            throw new ZipException("another CRC-32 than the file's");
        }
        if (number() != (inflater.getBytesWritten() & 0xffff_ffffL)) {
            throw new ZipException("another length than the file's");
        }
        inMember = false;
    }

    /** Nothing but zeros may follow the last member. */
    private boolean endsHere() throws IOException {
        while (hasMore() && buffer[position] == 0) {
            position++;
        }
        return !hasMore();
    }

    private long number() throws IOException {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() throws IOException {
        while (next() != 0) {}
    }

    private int next() throws IOException {
        if (!hasMore()) {
            throw new EOFException("the end of the file");
        }
        return Byte.toUnsignedInt(buffer[position++]);
    }

    private boolean hasMore() throws IOException {
        if (position == limit) {
            limit = Math.max(in.read(buffer), 0);
            position = 0;
        }
        return position < limit;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
