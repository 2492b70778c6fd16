package dev.flipside.builder.rootfs;

import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * One member of an archive, with all that its headers together say of it.
 *
 * @param path as it stands in the archive
 * @param storedBytes of the data that follows; 0 unless it is a regular file
 * @param sparse how the archive says which parts of the file these are, if not all
 */
record TarEntry(
        ByteString path,
        InodeAttributes attributes,
        Content content,
        long storedBytes,
        Optional<SparseFormat> sparse) {

    /** What the entry makes. */
    sealed interface Content {
        record Node(InodeKind kind) implements Content {}

        record Directory() implements Content {}

        record HardLink(ByteString target) implements Content {}
    }

    static TarEntry of(TarHeader header, byte[] record, PaxRecords pax, TarRefusal refusal)
            throws FlipsideException {
        ByteString path =
                pax.value("GNU.sparse.name").or(() -> pax.value("path")).orElse(header.name());
        ByteString link = pax.value("linkpath").orElse(header.linkName());
        Instant changed =
                pax.time("mtime", refusal).orElse(instant(header.changedSeconds(), 0, refusal));
        long stored = pax.number("size", refusal).orElse(header.sizeBytes());
        if (stored < 0 || stored > Long.MAX_VALUE - TarHeader.RECORD_BYTES) {
            throw refusal.malformed(TarRefusal.entry(path), "a size", Long.toString(stored));
        }
        Optional<SparseFormat> sparse = SparseFormat.of(record, header.type(), pax, path, refusal);
        long size =
                sparse.isPresent() ? sparse.get().fileBytes(record, pax, path, refusal) : stored;
        InodeAttributes attributes =
                new InodeAttributes(
                        (int) (header.mode() & InodeAttributes.PERMISSION_BITS),
                        id("uid", path, header.uid(), pax, refusal),
                        id("gid", path, header.gid(), pax, refusal),
                        changed,
                        TarXattrs.of(path, pax, refusal));
        Content content = content(header, pax, path, link, size, refusal);
        boolean hasData =
                content instanceof Content.Node(InodeKind kind)
                        && kind instanceof InodeKind.RegularFile;
        return new TarEntry(
                path,
                attributes,
                content,
                hasData ? stored : 0,
                hasData ? sparse : Optional.empty());
    }

    /** The size of the file that it makes; 0 unless it is a regular one. */
    long fileBytes() {
        return content instanceof Content.Node(InodeKind kind)
                        && kind instanceof InodeKind.RegularFile(long sizeBytes)
                ? sizeBytes
                : 0;
    }

    TarEntry withAttributes(InodeAttributes equal) {
        return new TarEntry(path, equal, content, storedBytes, sparse);
    }

    /** Of all the names that it has: its path, and the target of a link. */
    long nameBytes() {
        long target =
                switch (content) {
                    case Content.HardLink(ByteString to) -> to.length();
                    case Content.Node(InodeKind.Symlink(ByteString to)) -> to.length();
                    case Content.Node _, Content.Directory _ -> 0;
                };
        return path.length() + target;
    }

    private static Content content(
            TarHeader header,
            PaxRecords pax,
            ByteString path,
            ByteString link,
            long size,
            TarRefusal refusal)
            throws FlipsideException {
        return switch (header.type()) {
            case '0', '\0', '7' ->
                    path.length() > 0 && path.at(path.length() - 1) == '/'
                            ? new Content.Directory() // V7 has no type for directories
                            : new Content.Node(new InodeKind.RegularFile(size));
            case '1' -> new Content.HardLink(link);
            case '2' -> new Content.Node(symlink(path, link, refusal));
            case '3', '4' -> new Content.Node(device(header, pax, path, refusal));
            case '5' -> new Content.Directory();
            case '6' -> new Content.Node(new InodeKind.Fifo());
            case 'S' -> new Content.Node(new InodeKind.RegularFile(size));
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

    private static InodeKind device(
            TarHeader header, PaxRecords pax, ByteString path, TarRefusal refusal)
            throws FlipsideException {
        long major = pax.number("SCHILY.devmajor", refusal).orElse(header.deviceMajor());
        long minor = pax.number("SCHILY.devminor", refusal).orElse(header.deviceMinor());
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

    static Instant instant(long seconds, int nanoseconds, TarRefusal refusal)
            throws FlipsideException {
        try {
            return Instant.ofEpochSecond(seconds, nanoseconds);
        } catch (DateTimeException _) {
            throw refusal.malformed("header, mtime", "a time", seconds + " seconds");
        }
    }
}
