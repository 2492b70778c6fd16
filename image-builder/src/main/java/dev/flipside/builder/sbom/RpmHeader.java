package dev.flipside.builder.sbom;

import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A package header as an RPM database holds it (RPM format 4, "Header", without the magic number
 * before it). Big-endian: 0 number of entries (u32), 4 size of the data (u32), 8 the entries, 16
 * bytes each: tag, type, offset in the data, count; then the data.
 */
final class RpmHeader {
    private static final int NAME = 1000;
    private static final int VERSION = 1001;
    private static final int RELEASE = 1002;
    private static final int EPOCH = 1003;
    private static final int VENDOR = 1011;
    private static final int LICENSE = 1014;
    private static final int ARCHITECTURE = 1022;
    private static final int SOURCE_RPM = 1044;

    private static final int TYPE_INT32 = 4;
    private static final int TYPE_STRING = 6;
    private static final int TYPE_I18N_STRING = 9;

    private static final int FIXED_BYTES = 8;
    private static final int ENTRY_BYTES = 16;

    /** RPM's own limit. */
    private static final int MAX_ENTRIES = 0xffff;

    private static final int MAX_STRING_BYTES = 1 << 14;
    private static final long UNSIGNED = 0xffff_ffffL;

    private final ByteBuffer bytes;
    private final int entries;
    private final int dataStart;
    private final String what;

    private RpmHeader(ByteBuffer bytes, int entries, String what) {
        this.bytes = bytes;
        this.entries = entries;
        this.dataStart = FIXED_BYTES + entries * ENTRY_BYTES;
        this.what = what;
    }

    /**
     * What an SBOM says of the package.
     *
     * @param what names the header in a refusal
     */
    static InstalledPackage parse(byte[] blob, String what) throws FlipsideException {
        ByteBuffer bytes = ByteBuffer.wrap(blob);
        long entries = blob.length < FIXED_BYTES ? 0 : bytes.getInt(0) & UNSIGNED;
        if (entries < 1 || entries > MAX_ENTRIES) {
            throw DatabaseRefusal.because(
                    what, "a header of 1 to " + MAX_ENTRIES + " entries", "" + entries);
        }
        long sizeBytes = FIXED_BYTES + entries * ENTRY_BYTES + (bytes.getInt(4) & UNSIGNED);
        if (sizeBytes != blob.length) {
            throw DatabaseRefusal.because(
                    what, "a header of " + sizeBytes + " bytes, as it says", "" + blob.length);
        }
        return new RpmHeader(bytes, (int) entries, what).installed();
    }

    private InstalledPackage installed() throws FlipsideException {
        String name = required(NAME, "name");
        return new InstalledPackage(
                InstalledPackage.Kind.RPM,
                name,
                required(VERSION, "version") + "-" + required(RELEASE, "release"),
                number(EPOCH),
                text(ARCHITECTURE),
                text(LICENSE).map(RpmHeader::license).orElse(new License.Unknown()),
                text(VENDOR).map(vendor -> new InstalledPackage.Supplier(vendor, Optional.empty())),
                text(SOURCE_RPM));
    }

    private static License license(String text) {
        Optional<License.Expression> expression =
                LicenseExpression.parse(text, "the RPM database of the image");
        return expression.isPresent() ? expression.get() : new License.Named(text);
    }

    private String required(int tag, String name) throws FlipsideException {
        Optional<String> text = text(tag);
        if (text.isEmpty()) {
            throw DatabaseRefusal.because(what, "a package with a " + name, "one without");
        }
        return text.get();
    }

    /** A string, of which RPM has the default language first; none when it is absent or empty. */
    private Optional<String> text(int tag) throws FlipsideException {
        int entry = entry(tag);
        if (entry < 0) {
            return Optional.empty();
        }
        int type = bytes.getInt(entry + 4);
        if (type != TYPE_STRING && type != TYPE_I18N_STRING) {
            throw refusal(tag, "a string", "type " + type);
        }
        int start = start(tag, entry, 1);
        int limit = (int) Math.min(bytes.capacity(), (long) start + MAX_STRING_BYTES);
        int end = start;
        while (end < limit && bytes.get(end) != 0) {
            end++;
        }
        if (end == limit) {
            throw refusal(tag, "at most " + (MAX_STRING_BYTES - 1) + " bytes and a NUL", "none");
        }
        byte[] found = new byte[end - start];
        bytes.get(start, found);
        String text = new String(found, StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private Optional<Long> number(int tag) throws FlipsideException {
        int entry = entry(tag);
        if (entry < 0) {
            return Optional.empty();
        }
        int type = bytes.getInt(entry + 4);
        if (type != TYPE_INT32) {
            throw refusal(tag, "a 32-bit number", "type " + type);
        }
        return Optional.of(bytes.getInt(start(tag, entry, Integer.BYTES)) & UNSIGNED);
    }

    /** Where the first entry of a tag is; what was added to a header later comes after. */
    private int entry(int tag) {
        for (int i = 0; i < entries; i++) {
            int entry = FIXED_BYTES + i * ENTRY_BYTES;
            if (bytes.getInt(entry) == tag) {
                return entry;
            }
        }
        return -1;
    }

    private int start(int tag, int entry, int neededBytes) throws FlipsideException {
        long start = dataStart + (bytes.getInt(entry + 8) & UNSIGNED);
        if (start + neededBytes > bytes.capacity()) {
            throw refusal(tag, "an offset in the data", "one beyond it");
        }
        return (int) start;
    }

    private FlipsideException refusal(int tag, String expected, String found) {
        return DatabaseRefusal.because(what + ", tag " + tag, expected, found);
    }
}
