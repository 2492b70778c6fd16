package dev.flipside.boot.uki;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The signatures at the end of an EFI image, and what they sign (PE/COFF specification, "The
 * Attribute Certificate Table"; UEFI 2.10, clause 32.2.4). Each has a header, little-endian: 0
 * length with the header (u32), 4 revision 0x0200 (u16), 6 type, 2 for PKCS #7 (u16); and begins at
 * a multiple of 8.
 *
 * @param pkcs7 each signature as DER, with what pads it
 * @param sha256 of the whole image but its checksum, the directory entry of the signatures, and
 *     they themselves
 */
public record AttributeCertificates(List<ByteString> pkcs7, ByteString sha256) {
    private static final int HEADER_BYTES = 8;
    private static final int REVISION = 0x0200;
    private static final int PKCS7 = 2;
    private static final int MAX_TABLE_BYTES = 1 << 20;
    private static final int MAX_CERTIFICATES = 16;
    private static final int COPY_BYTES = 1 << 16;

    public AttributeCertificates {
        pkcs7 = List.copyOf(pkcs7);
    }

    /**
     * Reads them, and digests the image.
     *
     * @param what names the file in the failure
     * @throws FlipsideException {@code uki-malformed}
     */
    public static AttributeCertificates read(RandomAccess file, String what)
            throws IOException, FlipsideException {
        PeHeaders headers = PeHeaders.read(file, what);
        int entry = headers.directoryOffset(PeHeaders.CERTIFICATES);
        // The entry is left out of the digest even when it says that there is no signature.
        List<Integer> skipped =
                headers.hasEntryOf(PeHeaders.CERTIFICATES)
                        ? List.of(headers.checksumOffset(), 4, entry, 8)
                        : List.of(headers.checksumOffset(), 4);
        if (!headers.hasDirectory(PeHeaders.CERTIFICATES)) {
            return new AttributeCertificates(List.of(), digest(file, skipped, file.sizeBytes()));
        }
        long offset = Integer.toUnsignedLong(headers.bytes().getInt(entry));
        long size = Integer.toUnsignedLong(headers.bytes().getInt(entry + 4));
        if (offset < headers.bytes().capacity()
                || offset % HEADER_BYTES != 0
                || size > MAX_TABLE_BYTES
                || offset + size != file.sizeBytes()) {
            throw PeHeaders.malformed(
                    what,
                    "at most %d bytes of signatures at the end of %d"
                            .formatted(MAX_TABLE_BYTES, file.sizeBytes()),
                    "%d at %d".formatted(size, offset));
        }
        ByteBuffer table = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        file.read(table, offset);
        return new AttributeCertificates(parse(table.flip(), what), digest(file, skipped, offset));
    }

    private static List<ByteString> parse(ByteBuffer table, String what) throws FlipsideException {
        List<ByteString> found = new ArrayList<>();
        int at = 0;
        for (int count = 0; at < table.limit(); count++) {
            int rest = table.limit() - at;
            int length = rest < HEADER_BYTES ? 0 : table.getInt(at);
            if (length < HEADER_BYTES || length > rest || count == MAX_CERTIFICATES) {
                throw PeHeaders.malformed(
                        what,
                        "up to %d whole signatures".formatted(MAX_CERTIFICATES),
                        "other bytes");
            }
            if (table.getShort(at + 4) == REVISION && table.getShort(at + 6) == PKCS7) {
                byte[] der = new byte[length - HEADER_BYTES];
                table.get(at + HEADER_BYTES, der);
                found.add(ByteString.of(der));
            }
            at += (length + HEADER_BYTES - 1) & -HEADER_BYTES;
        }
        return found;
    }

    /**
     * The digest up to an offset.
     *
     * @param skipped offsets and lengths of what is left out, ascending
     */
    private static ByteString digest(RandomAccess file, List<Integer> skipped, long end)
            throws IOException {
        MessageDigest sha256 = newSha256();
        long at = 0;
        for (int i = 0; i < skipped.size(); i += 2) {
            update(sha256, file, at, skipped.get(i));
            at = (long) skipped.get(i) + skipped.get(i + 1);
        }
        update(sha256, file, at, end);
        return ByteString.of(sha256.digest());
    }

    private static void update(MessageDigest sha256, RandomAccess file, long from, long to)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
        for (long at = from; at < to; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(COPY_BYTES, to - at));
            file.read(buffer, at);
            sha256.update(buffer.flip());
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
