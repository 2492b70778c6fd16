package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The records of pax extended headers (POSIX.1-2001): {@code LENGTH KEY=VALUE\n}, where LENGTH, in
 * decimal, counts the whole record. Values are kept as bytes, since attributes are binary.
 */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(Collections.emptySortedMap());

    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{0,32})?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final int MAX_LENGTH_DIGITS = 10;
    private static final ByteString SPARSE_OFFSET = ByteString.utf8("GNU.sparse.offset");
    private static final ByteString SPARSE_LENGTH = ByteString.utf8("GNU.sparse.numbytes");
    private static final ByteString COMMA = ByteString.utf8(",");

    private final SortedMap<ByteString, ByteString> records;

    private PaxRecords(SortedMap<ByteString, ByteString> records) {
        this.records = records;
    }

    static PaxRecords of(String key, ByteString value) {
        SortedMap<ByteString, ByteString> records = new TreeMap<>();
        records.put(ByteString.utf8(key), value);
        return new PaxRecords(records);
    }

    static PaxRecords parse(byte[] header, TarRefusal refusal) throws FlipsideException {
        SortedMap<ByteString, ByteString> records = new TreeMap<>();
        ByteString all = ByteString.of(header);
        int start = 0;
        while (start < all.length()) {
            int blank = all.indexOf((byte) ' ', start);
            int length = blank < 0 ? -1 : length(all.substring(start, blank));
            int end = start + length;
            if (length <= blank - start || end > all.length() || all.at(end - 1) != '\n') {
                throw refusal.malformed(
                        "pax header", "'LENGTH KEY=VALUE' records", "other bytes at " + start);
            }
            int equals = all.indexOf((byte) '=', blank);
            if (equals < 0 || equals >= end) {
                throw refusal.malformed("pax header", "'='", "none at " + start);
            }
            put(records, all.substring(blank + 1, equals), all.substring(equals + 1, end - 1));
            start = end;
        }
        return new PaxRecords(records);
    }

    /** Of a key that comes again the last value counts; GNU.sparse 0.0 means a list instead. */
    private static void put(
            SortedMap<ByteString, ByteString> records, ByteString key, ByteString value) {
        boolean list = key.equals(SPARSE_OFFSET) || key.equals(SPARSE_LENGTH);
        ByteString before = list ? records.get(key) : null;
        records.put(key, before == null ? value : before.concat(COMMA).concat(value));
    }

    private static int length(ByteString digits) {
        boolean number =
                digits.length() < MAX_LENGTH_DIGITS && NUMBER.matcher(text(digits)).matches();
        return number ? Integer.parseInt(text(digits)) : -1;
    }

    /** These, and where a key is in both, the other's. */
    PaxRecords overlaidWith(PaxRecords other) {
        SortedMap<ByteString, ByteString> both = new TreeMap<>(records);
        both.putAll(other.records);
        return new PaxRecords(both);
    }

    int sizeBytes() {
        int size = 0;
        for (Map.Entry<ByteString, ByteString> entry : records.entrySet()) {
            size += entry.getKey().length() + entry.getValue().length();
        }
        return size;
    }

    Set<ByteString> keys() {
        return records.keySet();
    }

    /** The value of a key; an empty one takes back what another header said. */
    Optional<ByteString> value(String key) {
        return Optional.ofNullable(records.get(ByteString.utf8(key)))
                .filter(value -> !value.isEmpty());
    }

    /** What follows the prefix in each key that has it, with the value. */
    SortedMap<ByteString, ByteString> withPrefix(String prefix) {
        ByteString start = ByteString.utf8(prefix);
        SortedMap<ByteString, ByteString> found = new TreeMap<>();
        records.tailMap(start).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(start))
                .forEach(
                        entry ->
                                found.put(
                                        entry.getKey()
                                                .substring(start.length(), entry.getKey().length()),
                                        entry.getValue()));
        return found;
    }

    Optional<Long> number(String key, TarRefusal refusal) throws FlipsideException {
        Optional<ByteString> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String text = text(value.get());
        if (!NUMBER.matcher(text).matches()) {
            throw refusal.malformed("pax header, " + key, "a decimal number", "'" + text + "'");
        }
        return Optional.of(Long.parseLong(text));
    }

    /** Seconds with a fraction; -1.5 lies half a second before -1. Finer than 1 ns is cut off. */
    Optional<Instant> time(String key, TarRefusal refusal) throws FlipsideException {
        Optional<ByteString> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String text = text(value.get());
        if (!DECIMAL.matcher(text).matches()) {
            throw refusal.malformed("pax header, " + key, "decimal seconds", "'" + text + "'");
        }
        BigDecimal time = new BigDecimal(text.endsWith(".") ? text + "0" : text);
        BigDecimal seconds = time.setScale(0, RoundingMode.FLOOR);
        int nanoseconds =
                time.subtract(seconds)
                        .movePointRight(9)
                        .setScale(0, RoundingMode.FLOOR)
                        .intValueExact();
        return Optional.of(TarEntry.instant(seconds.longValueExact(), nanoseconds, refusal));
    }

    private static String text(ByteString value) {
        return new String(value.toByteArray(), StandardCharsets.ISO_8859_1);
    }
}
