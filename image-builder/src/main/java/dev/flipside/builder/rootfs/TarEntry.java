package dev.flipside.builder.rootfs;

import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One member of an archive, with all that its headers together say of it.
 *
 * @param path as it stands in the archive
 * @param sizeBytes of the data that follows; 0 unless it is a regular file
 */
record TarEntry(ByteString path, InodeAttributes attributes, Content content, long sizeBytes) {

    /** What the entry makes. */
    sealed interface Content {
        record Node(InodeKind kind) implements Content {}

        record Directory() implements Content {}

        record HardLink(ByteString target) implements Content {}
    }

    private static final String XATTR = "SCHILY.xattr.";
    private static final String LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";
    private static final String SELINUX = "RHT.security.selinux";
    private static final ByteString SELINUX_XATTR = ByteString.utf8("security.selinux");
    private static final String XATTR_ACTION =
            "make the archive with 'tar --format=pax --xattrs --xattrs-include=*'";

    /** An ACL that says no more than the mode. */
    private static final Pattern MINIMAL_ACL =
            Pattern.compile("user::[rwx-]{3}[,\n]group::[rwx-]{3}[,\n]other::[rwx-]{3}[,\n]?");

    static TarEntry of(TarHeader header, PaxRecords pax, TarRefusal refusal)
            throws FlipsideException {
        ByteString path = pax.value("path").orElse(header.name());
        ByteString link = pax.value("linkpath").orElse(header.linkName());
        Instant changed =
                pax.time("mtime", refusal).orElse(instant(header.changedSeconds(), 0, refusal));
        long size = pax.number("size", refusal).orElse(header.sizeBytes());
        if (size < 0 || size > Long.MAX_VALUE - TarHeader.RECORD_BYTES) {
            throw refusal.malformed(TarRefusal.entry(path), "a size", Long.toString(size));
        }
        if (!pax.withPrefix("GNU.sparse.").isEmpty()) {
            throw sparse(path, refusal);
        }
        InodeAttributes attributes =
                new InodeAttributes(
                        (int) (header.mode() & InodeAttributes.PERMISSION_BITS),
                        id("uid", path, header.uid(), pax, refusal),
                        id("gid", path, header.gid(), pax, refusal),
                        changed,
                        xattrs(path, pax, refusal));
        Content content = content(header, path, link, size, refusal);
        boolean hasData =
                content instanceof Content.Node(InodeKind kind)
                        && kind instanceof InodeKind.RegularFile;
        return new TarEntry(path, attributes, content, hasData ? size : 0);
    }

    private static Content content(
            TarHeader header, ByteString path, ByteString link, long size, TarRefusal refusal)
            throws FlipsideException {
        return switch (header.type()) {
            case '0', '\0', '7' ->
                    path.length() > 0 && path.at(path.length() - 1) == '/'
                            ? new Content.Directory() // V7 has no type for directories
                            : new Content.Node(new InodeKind.RegularFile(size));
            case '1' -> new Content.HardLink(link);
            case '2' -> new Content.Node(symlink(path, link, refusal));
            case '3', '4' -> new Content.Node(device(header, path, refusal));
            case '5' -> new Content.Directory();
            case '6' -> new Content.Node(new InodeKind.Fifo());
            case 'S' -> throw sparse(path, refusal);
            default ->
                    throw refusal.unsupported(
                            path,
                            "a file, directory, link, device or FIFO",
                            "tar type '" + header.type() + "'",
                            "leave it out of the archive");
        };
    }

    private static InodeKind symlink(ByteString path, ByteString target, TarRefusal refusal)
            throws FlipsideException {
        if (target.isEmpty()
                || target.length() > InodeKind.Symlink.MAX_TARGET_BYTES
                || target.indexOf((byte) 0, 0) >= 0) {
            throw refusal.malformed(
                    TarRefusal.entry(path),
                    "a symlink target of 1 to 4095 bytes without NUL",
                    target.length() + " bytes");
        }
        return new InodeKind.Symlink(target);
    }

    private static InodeKind device(TarHeader header, ByteString path, TarRefusal refusal)
            throws FlipsideException {
        long major = header.deviceMajor();
        long minor = header.deviceMinor();
        if (major < 0 || major > InodeKind.MAX_MAJOR || minor < 0 || minor > InodeKind.MAX_MINOR) {
            throw refusal.unsupported(
                    path,
                    "a device number up to 4095:1048575",
                    major + ":" + minor,
                    "leave it out of the archive");
        }
        return header.type() == '3'
                ? new InodeKind.CharacterDevice((int) major, (int) minor)
                : new InodeKind.BlockDevice((int) major, (int) minor);
    }

    private static FlipsideException sparse(ByteString path, TarRefusal refusal) {
        return refusal.unsupported(
                path, "a file with all its bytes", "a sparse file", "make it without 'tar -S'");
    }

    private static long id(
            String key, ByteString path, long inHeader, PaxRecords pax, TarRefusal refusal)
            throws FlipsideException {
        long id = pax.number(key, refusal).orElse(inHeader);
        if (id < 0 || id > InodeAttributes.MAX_ID) {
            throw refusal.malformed(
                    TarRefusal.entry(path) + ", " + key, "0 to 4294967295", Long.toString(id));
        }
        return id;
    }

    /** None is left out in silence: what cannot be taken as exact bytes is refused. */
    private static SortedMap<ByteString, ByteString> xattrs(
            ByteString path, PaxRecords pax, TarRefusal refusal) throws FlipsideException {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        pax.withPrefix(XATTR).forEach((name, value) -> xattrs.put(unescape(name), value));
        // setfilecon(3) stores the label with a NUL; the archive has it without.
        pax.value(SELINUX)
                .map(label -> label.concat(ByteString.utf8("\0")))
                .ifPresent(label -> xattrs.putIfAbsent(SELINUX_XATTR, label));
        for (String type : new String[] {"access", "default"}) {
            boolean exact = xattrs.containsKey(ByteString.utf8("system.posix_acl_" + type));
            String acl = pax.value("SCHILY.acl." + type).map(ByteString::toString).orElse("");
            if (!exact && !acl.isEmpty() && !MINIMAL_ACL.matcher(acl).matches()) {
                throw refusal.unsupported(
                        path, "ACLs as attributes", "ACL as text '" + acl + "'", XATTR_ACTION);
            }
        }
        if (xattrs.isEmpty() && !pax.withPrefix(LIBARCHIVE_XATTR).isEmpty()) {
            throw refusal.unsupported(
                    path, "attributes as SCHILY.xattr", "LIBARCHIVE.xattr alone", XATTR_ACTION);
        }
        return xattrs;
    }

    /** GNU tar writes {@code =} and {@code %} in the name of an attribute as %3D and %25. */
    private static ByteString unescape(ByteString name) {
        if (name.indexOf((byte) '%', 0) < 0) {
            return name;
        }
        String bytes = new String(name.toByteArray(), StandardCharsets.ISO_8859_1);
        String plain = bytes.replace("%3D", "=").replace("%25", "%");
        return ByteString.of(plain.getBytes(StandardCharsets.ISO_8859_1));
    }

    static Instant instant(long seconds, int nanoseconds, TarRefusal refusal)
            throws FlipsideException {
        try {
            return Instant.ofEpochSecond(seconds, nanoseconds);
        } catch (DateTimeException _) {
            throw refusal.malformed("header, mtime", "a time", seconds + " seconds");
        }
    }
}
