package dev.flipside.tuf;

/** The four top-level roles of TUF, each with the largest file that is read for it. */
public enum Role {
    // The room is for years of rotations with post-quantum keys (a signature of 3309 bytes).
    ROOT("root", 512 << 10),
    // Fetched on every poll, and signed by a key that is online: the smallest one.
    TIMESTAMP("timestamp", 64 << 10),
    SNAPSHOT("snapshot", 512 << 10),
    // About 300 bytes for each release and channel.
    TARGETS("targets", 2 << 20);

    private final String code;
    private final int maxBytes;

    Role(String code, int maxBytes) {
        this.code = code;
        this.maxBytes = maxBytes;
    }

    /** The name as {@code _type} and the keys of {@code roles} have it. */
    public String code() {
        return code;
    }

    /** The name as other metadata refers to the file: without a version. */
    public String fileName() {
        return code + ".json";
    }

    public int maxBytes() {
        return maxBytes;
    }
}
