package dev.flipside.erofs;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Trees, images of them in memory, and what the tests ask of both. */
final class TestingImage implements RandomAccess {
    static final Instant BUILD_TIME = Instant.ofEpochSecond(1_700_000_000, 123_456_789);
    static final UUID ID = UUID.fromString("01234567-89ab-cdef-fedc-ba9876543210");

    private final byte[] bytes;
    private final long sizeBytes;

    /** The size may be larger than the bytes: what is beyond them reads as zeros. */
    TestingImage(byte[] bytes, long sizeBytes) {
        this.bytes = bytes;
        this.sizeBytes = sizeBytes;
    }

    static TestingImage metadataOf(ErofsLayout layout) throws IOException {
        Path file = Files.createTempFile("erofs-", ".img");
        try {
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
                layout.writeMetadata(out);
            }
            return new TestingImage(Files.readAllBytes(file), layout.sizeBytes());
        } finally {
            Files.delete(file);
        }
    }

    static TestingImage of(FileTree tree) throws IOException, FlipsideException {
        return metadataOf(ErofsLayout.plan(tree, ID, BUILD_TIME));
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws IOException {
        if (offsetBytes < 0 || offsetBytes > sizeBytes - destination.remaining()) {
            throw new EOFException("image ends");
        }
        int there = (int) Math.clamp(bytes.length - offsetBytes, 0L, destination.remaining());
        if (there > 0) {
            destination.put(bytes, (int) offsetBytes, there);
        }
        destination.put(new byte[destination.remaining()]);
    }

    static Inode directory(Map<String, Inode> entries) {
        SortedMap<ByteString, Inode> sorted = new TreeMap<>();
        entries.forEach((name, inode) -> sorted.put(ByteString.utf8(name), inode));
        return new Inode(attributes(0755), new InodeKind.Directory(sorted));
    }

    static Inode file(long sizeBytes) {
        return new Inode(attributes(0644), new InodeKind.RegularFile(sizeBytes));
    }

    static Inode of(InodeKind kind) {
        return new Inode(attributes(0644), kind);
    }

    static InodeAttributes attributes(int permissions) {
        return InodeAttributes.ofRoot(permissions, Instant.ofEpochSecond(1_600_000_000, 42));
    }

    static ByteString bytes(String text) {
        return ByteString.utf8(text);
    }

    static SortedMap<ByteString, ByteString> xattrs(Object... namesAndValues) {
        SortedMap<ByteString, ByteString> xattrs = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            xattrs.put(bytes((String) namesAndValues[i]), (ByteString) namesAndValues[i + 1]);
        }
        return xattrs;
    }

    static ByteString randomBytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteString.of(bytes);
    }

    /** One of every kind, and of what each has that is unusual. */
    static FileTree everything() {
        Inode shared =
                new Inode(
                        new InodeAttributes(
                                06755,
                                4_000_000_000L,
                                InodeAttributes.MAX_ID,
                                Instant.ofEpochSecond(-5, 999_999_999),
                                xattrs(
                                        "security.capability", randomBytes(1, 20),
                                        "security.selinux", bytes("system_u:object_r:etc_t\0"),
                                        "system.posix_acl_access", randomBytes(2, 44),
                                        "trusted.overlay.opaque", bytes("y"),
                                        "user.empty", bytes(""))),
                        new InodeKind.RegularFile(10_000));
        Inode compact =
                new Inode(
                        InodeAttributes.ofRoot(0600, BUILD_TIME), new InodeKind.RegularFile(4096));
        Inode heavy =
                new Inode(
                        new InodeAttributes(
                                01777,
                                1,
                                2,
                                BUILD_TIME,
                                xattrs(
                                        "user.large", randomBytes(3, 60_000),
                                        "user.other", randomBytes(4, 5_001))),
                        new InodeKind.Directory(new TreeMap<>(Map.of(bytes("in"), compact))));
        return new FileTree(
                directory(
                        Map.ofEntries(
                                Map.entry("!before-dot", file(1)),
                                Map.entry("file", shared),
                                Map.entry("hard-link", shared),
                                Map.entry("heavy", heavy),
                                Map.entry("empty", file(0)),
                                Map.entry("latin\u00e4", file(4097)),
                                Map.entry("tty", of(new InodeKind.CharacterDevice(5, 1))),
                                Map.entry("disk", of(new InodeKind.BlockDevice(4095, 1048575))),
                                Map.entry("fifo", of(new InodeKind.Fifo())),
                                Map.entry("socket", of(new InodeKind.Socket())),
                                Map.entry("link", of(new InodeKind.Symlink(bytes("heavy/in")))),
                                Map.entry(
                                        "long-link",
                                        of(new InodeKind.Symlink(bytes("x/".repeat(2047) + "y")))),
                                Map.entry("nested", directory(Map.of("deep", directory(Map.of())))),
                                Map.entry("big", bigDirectory(500)))));
    }

    static Inode bigDirectory(int entries) {
        SortedMap<ByteString, Inode> sorted = new TreeMap<>();
        Inode empty = file(0);
        for (int i = 0; i < entries; i++) {
            sorted.put(bytes("entry-%06d-with-a-longer-name".formatted(i)), empty);
        }
        return new Inode(attributes(0700), new InodeKind.Directory(sorted));
    }
}
