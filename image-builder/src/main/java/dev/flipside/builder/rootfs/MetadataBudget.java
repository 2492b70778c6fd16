package dev.flipside.builder.rootfs;

import dev.flipside.erofs.InodeAttributes;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.HashMap;
import java.util.Map;

/**
 * How much metadata a root file system may have: as much as the heap holds until the image is
 * written. What has more is refused when it is met, instead of ending the program later. Equal
 * attributes are kept once: a tree has few owners, modes and labels, and many files.
 */
final class MetadataBudget {
    /** An entry's objects in all tables at once, without its names and attributes. */
    static final int ENTRY_BYTES = 352;

    /** The objects of attributes that no other entry has, without extended ones. */
    private static final int ATTRIBUTES_BYTES = 112;

    /** An extended attribute's objects, without its name and value. */
    private static final int XATTR_BYTES = 192;

    private final String source;
    private final long maxBytes;
    private final Map<InodeAttributes, InodeAttributes> shared = new HashMap<>();
    private long bytes;
    private long entries;

    /** Two thirds of the heap; the rest is for buffers, decoders and what is made of the image. */
    static MetadataBudget ofHeap(String source) {
        return new MetadataBudget(source, Runtime.getRuntime().maxMemory() / 3 * 2);
    }

    MetadataBudget(String source, long maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
    }

    /**
     * Counts one entry, whose names (path, target of a link) have so many bytes together, and gives
     * its attributes back, as the object that stands for all that are equal.
     */
    InodeAttributes take(InodeAttributes attributes, long nameBytes) throws FlipsideException {
        entries++;
        bytes += ENTRY_BYTES + nameBytes;
        InodeAttributes known = shared.putIfAbsent(attributes, attributes);
        if (known == null) {
            bytes += ATTRIBUTES_BYTES;
            attributes
                    .xattrs()
                    .forEach(
                            (name, value) -> bytes += XATTR_BYTES + name.length() + value.length());
        }
        if (bytes > maxBytes) {
            throw new FlipsideException(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    source,
                    "names and attributes of at most "
                            + maxBytes
                            + " bytes in memory, two thirds of the heap",
                    "more, after " + entries + " entries",
                    "leave out what a host does not need, or run the jar with a larger -Xmx");
        }
        return known == null ? attributes : known;
    }
}
