package dev.flipside.builder.rootfs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A POSIX ACL as archives write it ({@code SCHILY.acl.access}, {@code SCHILY.acl.default}), made
 * into the attribute that Linux keeps.
 *
 * <p>The text is a list of {@code user:NAME:rwx}, with commas or line ends between; star and
 * libarchive add {@code :ID} to those with a name. The attribute is u32 version 2, then for each
 * entry u16 tag, u16 permissions, u32 ID, little-endian, sorted by tag and ID.
 */
final class AclText {
    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;
    private static final long NO_ID = 0xffff_ffffL;
    private static final int MAX_ENTRIES = 4096;

    private static final Pattern ENTRY =
            Pattern.compile(
                    "(user|u|group|g|mask|m|other|o):([^:]*):([r-])([w-])([x-])(?::([0-9]{1,10}))?");
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");

    private final ByteString path;
    private final String text;
    private final TarRefusal refusal;

    private AclText(ByteString path, String text, TarRefusal refusal) {
        this.path = path;
        this.text = text;
        this.refusal = refusal;
    }

    private enum Tag {
        USER_OBJ(1),
        USER(2),
        GROUP_OBJ(4),
        GROUP(8),
        MASK(16),
        OTHER(32);

        private final int number;

        Tag(int number) {
            this.number = number;
        }

        boolean named() {
            return this == USER || this == GROUP;
        }
    }

    private record Entry(Tag tag, int permissions, long id) {}

    /** The access ACL; none when it says no more than the mode does. */
    static Optional<ByteString> access(ByteString path, String text, TarRefusal refusal)
            throws FlipsideException {
        List<Entry> entries = new AclText(path, text, refusal).parse();
        return entries.size() == 3 ? Optional.empty() : Optional.of(encode(entries));
    }

    /** The default ACL of a directory, which has no mode to be in. */
    static ByteString ofDefault(ByteString path, String text, TarRefusal refusal)
            throws FlipsideException {
        return encode(new AclText(path, text, refusal).parse());
    }

    private List<Entry> parse() throws FlipsideException {
        List<Entry> entries = new ArrayList<>();
        for (String line : text.split("[,\n]", -1)) {
            String entry = line.strip();
            if (!entry.isEmpty()) {
                entries.add(entry(entry));
            }
        }
        entries.sort(Comparator.comparing(Entry::tag).thenComparingLong(Entry::id));
        requireValid(entries);
        return entries;
    }

    private Entry entry(String entry) throws FlipsideException {
        Matcher matcher = ENTRY.matcher(entry);
        if (!matcher.matches()) {
            throw malformed("'user:NAME:rwx' and the like", "'" + entry + "'");
        }
        String name = matcher.group(2);
        Tag tag = tag(matcher.group(1).charAt(0), !name.isEmpty());
        int permissions =
                (matcher.group(3).equals("r") ? 4 : 0)
                        | (matcher.group(4).equals("w") ? 2 : 0)
                        | (matcher.group(5).equals("x") ? 1 : 0);
        return new Entry(tag, permissions, tag.named() ? id(entry, name, matcher.group(6)) : NO_ID);
    }

    private Tag tag(char first, boolean named) throws FlipsideException {
        if (named && (first == 'm' || first == 'o')) {
            throw malformed("mask and other without a name", "one");
        }
        return switch (first) {
            case 'u' -> named ? Tag.USER : Tag.USER_OBJ;
            case 'g' -> named ? Tag.GROUP : Tag.GROUP_OBJ;
            case 'm' -> Tag.MASK;
            default -> Tag.OTHER;
        };
    }

    /** Owners are numbers: what a name means on this machine is not what it means in the image. */
    private long id(String entry, String name, String given) throws FlipsideException {
        String digits = given == null ? name : given;
        if (!ID.matcher(digits).matches()) {
            throw refusal.unsupported(
                    path,
                    "an ACL with the numbers of users and groups",
                    "'" + entry + "'",
                    "make the archive with 'tar --numeric-owner --acls' or with --xattrs");
        }
        long id = Long.parseLong(digits);
        if (id >= NO_ID) {
            throw malformed("a number up to 4294967294", digits);
        }
        return id;
    }

    /** What the kernel's posix_acl_valid asks for. */
    private void requireValid(List<Entry> entries) throws FlipsideException {
        if (entries.size() > MAX_ENTRIES) {
            throw malformed("at most " + MAX_ENTRIES + " entries", entries.size() + "");
        }
        boolean named = entries.stream().anyMatch(entry -> entry.tag().named());
        for (Tag tag : Tag.values()) {
            long count = entries.stream().filter(entry -> entry.tag() == tag).count();
            boolean needed = !tag.named() && (tag != Tag.MASK || named);
            if (!tag.named() && (count > 1 || (needed && count == 0))) {
                throw malformed(
                        "user, group and other once each, and a mask beside names",
                        "'" + text.strip().replace('\n', ',') + "'");
            }
        }
        for (int i = 1; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.tag() == entries.get(i - 1).tag() && entry.id() == entries.get(i - 1).id()) {
                throw malformed("each user and group once", "number " + entry.id() + " twice");
            }
        }
    }

    private static ByteString encode(List<Entry> entries) {
        ByteBuffer out =
                ByteBuffer.allocate(HEADER_BYTES + entries.size() * ENTRY_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION);
        for (Entry entry : entries) {
            out.putShort((short) entry.tag().number).putShort((short) entry.permissions());
            out.putInt((int) entry.id());
        }
        return ByteString.of(out.array());
    }

    private FlipsideException malformed(String expected, String found) {
        return refusal.malformed(TarRefusal.entry(path) + ", ACL", expected, found);
    }
}
