package dev.flipside.builder.diff;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.format.ByteString;
import java.util.List;
import java.util.Optional;

/**
 * A name in one image or in both, which is not the same in both.
 *
 * @param type in the new image, or in the old one when it was removed
 * @param details what is different: {@code content}, {@code type}, {@code mode}, {@code owner},
 *     {@code time}, {@code xattrs}, {@code device}; empty when it was added or removed
 * @param oldSizeBytes 0 when it was added
 * @param newSizeBytes 0 when it was removed
 * @param fetchedBytes what its blocks cause a host to fetch; counted for the first of several names
 * @param owner the package that it belongs to
 */
public record FileChange(
        Kind kind,
        ByteString path,
        ErofsInode.Type type,
        List<String> details,
        long oldSizeBytes,
        long newSizeBytes,
        long fetchedBytes,
        Optional<String> owner) {

    public FileChange {
        details = List.copyOf(details);
    }

    FileChange ownedBy(Optional<String> packageName) {
        return new FileChange(
                kind, path, type, details, oldSizeBytes, newSizeBytes, fetchedBytes, packageName);
    }

    /** What became of it. */
    public enum Kind {
        ADDED("added"),
        REMOVED("removed"),
        CHANGED("changed"),
        METADATA("metadata"),
        /** Nothing became of it, and still its blocks are fetched. */
        SAME("same");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
