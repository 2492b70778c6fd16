package dev.flipside.builder.rootfs;

import dev.flipside.format.ByteString;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Which keys of pax headers are known, and a count of those that are not: each of them is reported
 * once, so that nothing that an archive says is left out in silence.
 *
 * <p>Known are the keys that are taken over, and those that say nothing about the files of an
 * image: names of owners beside their numbers, times other than the modification's, inode numbers
 * of the machine that wrote the archive.
 */
final class PaxKeys {
    private static final Set<String> KNOWN =
            Set.of(
                    // taken over
                    "path",
                    "linkpath",
                    "size",
                    "uid",
                    "gid",
                    "mtime",
                    "RHT.security.selinux",
                    "SCHILY.acl.access",
                    "SCHILY.acl.default",
                    "SCHILY.devmajor",
                    "SCHILY.devminor",
                    "GNU.sparse.major",
                    "GNU.sparse.minor",
                    "GNU.sparse.name",
                    "GNU.sparse.realsize",
                    "GNU.sparse.size",
                    "GNU.sparse.numblocks",
                    "GNU.sparse.offset",
                    "GNU.sparse.numbytes",
                    "GNU.sparse.map",
                    // without meaning in an image
                    "comment",
                    "atime",
                    "ctime",
                    "uname",
                    "gname",
                    "charset",
                    "hdrcharset",
                    "LIBARCHIVE.creationtime",
                    "SCHILY.dev",
                    "SCHILY.ino",
                    "SCHILY.nlink",
                    "SCHILY.archtype");

    /** Archives choose their keys; what comes after these is counted together. */
    private static final int MAX_REPORTED = 50;

    private static final int MAX_SHOWN = 80;

    private final Map<ByteString, Seen> unknown = new TreeMap<>();
    private final Seen others = new Seen();

    private static final class Seen {
        private ByteString firstPath = ByteString.utf8("");
        private long entries;

        void add(ByteString path) {
            firstPath = entries == 0 ? path : firstPath;
            entries++;
        }
    }

    /** Looks at the headers of one entry. */
    void check(PaxRecords pax, ByteString path) {
        for (ByteString key : pax.keys()) {
            if (!isKnown(key)) {
                Seen seen = unknown.get(key);
                if (seen == null && unknown.size() < MAX_REPORTED) {
                    seen = new Seen();
                    unknown.put(key, seen);
                }
                (seen == null ? others : seen).add(path);
            }
        }
    }

    /** One notice for each unknown key. */
    void report(String archive, Consumer<InputNotice> notices) {
        unknown.forEach(
                (key, seen) -> notices.accept(notice(archive, "'" + shown(key) + "'", seen)));
        if (others.entries > 0) {
            notices.accept(notice(archive, "further ones", others));
        }
    }

    private static InputNotice notice(String archive, String key, Seen seen) {
        return new InputNotice(
                archive + ": pax keys",
                key
                        + " with "
                        + seen.entries
                        + (seen.entries == 1 ? " entry" : " entries")
                        + ", first '"
                        + shown(seen.firstPath)
                        + "'",
                "an image has no place for it, it is left out");
    }

    private static String shown(ByteString bytes) {
        String text = bytes.toString().replaceAll("\\p{Cntrl}", "?");
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private static boolean isKnown(ByteString key) {
        String text = key.toString();
        return KNOWN.contains(text)
                || text.startsWith(TarXattrs.SCHILY)
                || text.startsWith(TarXattrs.LIBARCHIVE);
    }
}
