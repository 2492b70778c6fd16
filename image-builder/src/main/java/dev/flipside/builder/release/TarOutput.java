package dev.flipside.builder.release;

import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.Extent;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a tree as a tar archive, in path order: for each inode a pax header with all that a ustar
 * header may be too small for, and the ustar header. The contents come from an image of the tree.
 */
final class TarOutput {
    private static final int RECORD_BYTES = 512;
    private static final int COPY_BYTES = 1 << 20;
    private static final int MAX_OCTAL_IDS = 07777777;
    private static final long MAX_OCTAL_SIZE = 077777777777L;
    private static final ByteString SLASH = ByteString.utf8("/");

    private final ErofsLayout layout;
    private final RandomAccess image;
    private final OutputStream out;
    private final Map<Inode, ByteString> firstNames = new HashMap<>();

    private TarOutput(ErofsLayout layout, RandomAccess image, OutputStream out) {
        this.layout = layout;
        this.image = image;
        this.out = out;
    }

    /**
     * Writes the whole archive.
     *
     * @param image what {@code layout} lays out
     * @throws FlipsideException {@code rootfs-unsupported} for a socket
     */
    static void write(FileTree tree, ErofsLayout layout, RandomAccess image, OutputStream out)
            throws IOException, FlipsideException {
        new TarOutput(layout, image, out).entry(ByteString.utf8("."), tree.root());
        out.write(new byte[2 * RECORD_BYTES]);
    }

    private void entry(ByteString path, Inode inode) throws IOException, FlipsideException {
        ByteString first = firstNames.get(inode);
        if (first != null) {
            header(path, inode, '1', first, 0);
            return;
        }
        firstNames.put(inode, path);
        ByteString none = ByteString.utf8("");
        switch (inode.kind()) {
            case InodeKind.Directory directory -> {
                header(path.concat(SLASH), inode, '5', none, 0);
                for (Map.Entry<ByteString, Inode> child : directory.entries().entrySet()) {
                    entry(path.concat(SLASH).concat(child.getKey()), child.getValue());
                }
            }
            case InodeKind.RegularFile(long sizeBytes) -> {
                header(path, inode, '0', none, sizeBytes);
                contents(layout.extentOf(inode));
            }
            case InodeKind.Symlink(ByteString target) -> header(path, inode, '2', target, 0);
            case InodeKind.CharacterDevice _ -> header(path, inode, '3', none, 0);
            case InodeKind.BlockDevice _ -> header(path, inode, '4', none, 0);
            case InodeKind.Fifo _ -> header(path, inode, '6', none, 0);
            case InodeKind.Socket _ ->
                    throw new FlipsideException(
                            FailureCode.ROOTFS_UNSUPPORTED,
                            "--compress: '" + path.substring(1, path.length()) + "'",
                            "what a tar archive can hold",
                            "a socket",
                            "exclude it");
        }
    }

    private void contents(Extent extent) throws IOException {
        byte[] buffer = new byte[(int) Math.min(COPY_BYTES, extent.sizeBytes())];
        for (long done = 0; done < extent.sizeBytes(); ) {
            int count = (int) Math.min(buffer.length, extent.sizeBytes() - done);
            image.read(ByteBuffer.wrap(buffer, 0, count), extent.offsetBytes() + done);
            out.write(buffer, 0, count);
            done += count;
        }
        pad(extent.sizeBytes());
    }

    private void header(ByteString path, Inode inode, char type, ByteString target, long sizeBytes)
            throws IOException {
        InodeAttributes attributes = inode.attributes();
        ByteArrayOutputStream pax = new ByteArrayOutputStream();
        record(pax, "path", path);
        if (!target.isEmpty()) {
            record(pax, "linkpath", target);
        }
        record(pax, "size", ByteString.utf8(Long.toString(sizeBytes)));
        record(pax, "uid", ByteString.utf8(Long.toString(attributes.uid())));
        record(pax, "gid", ByteString.utf8(Long.toString(attributes.gid())));
        record(pax, "mtime", ByteString.utf8(decimal(attributes)));
        attributes
                .xattrs()
                .forEach((name, value) -> record(pax, "SCHILY.xattr." + latin1(name), value));
        out.write(
                ustar(InodeAttributes.ofRoot(0644, attributes.changed()), 'x', pax.size(), inode));
        out.write(pax.toByteArray());
        pad(pax.size());
        out.write(ustar(attributes, type, sizeBytes, inode));
    }

    private static String decimal(InodeAttributes attributes) {
        Instant changed = attributes.changed();
        long seconds = changed.getEpochSecond();
        int nanos = changed.getNano();
        if (nanos == 0) {
            return Long.toString(seconds);
        }
        // Before 1970 the digits after the point count away from zero, as the whole number does.
        boolean negative = seconds < 0;
        long whole = negative ? -(seconds + 1) : seconds;
        int fraction = negative ? 1_000_000_000 - nanos : nanos;
        return (negative ? "-" : "")
                + whole
                + "."
                + Integer.toString(1_000_000_000 + fraction).substring(1);
    }

    private static void record(ByteArrayOutputStream pax, String key, ByteString value) {
        byte[] rest = (" " + key + "=").getBytes(StandardCharsets.ISO_8859_1);
        int without = rest.length + value.length() + 1;
        int length = without + 1;
        while (length != without + Integer.toString(length).length()) {
            length++;
        }
        pax.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        pax.writeBytes(rest);
        pax.writeBytes(value.toByteArray());
        pax.write('\n');
    }

    private static byte[] ustar(
            InodeAttributes attributes, char type, long sizeBytes, Inode inode) {
        byte[] header = new byte[RECORD_BYTES];
        put(header, 0, "entry");
        octal(header, 100, 7, attributes.permissions());
        octal(header, 108, 7, attributes.uid() > MAX_OCTAL_IDS ? 0 : attributes.uid());
        octal(header, 116, 7, attributes.gid() > MAX_OCTAL_IDS ? 0 : attributes.gid());
        octal(header, 124, 11, sizeBytes > MAX_OCTAL_SIZE ? 0 : sizeBytes);
        octal(header, 136, 11, Math.max(0, attributes.changed().getEpochSecond()));
        header[156] = (byte) type;
        put(header, 257, "ustar\00000");
        if (inode.kind() instanceof InodeKind.CharacterDevice(int major, int minor)) {
            octal(header, 329, 7, major);
            octal(header, 337, 7, minor);
        }
        if (inode.kind() instanceof InodeKind.BlockDevice(int major, int minor)) {
            octal(header, 329, 7, major);
            octal(header, 337, 7, minor);
        }
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += Byte.toUnsignedInt(b);
        }
        octal(header, 148, 6, sum);
        header[154] = 0;
        return header;
    }

    private static void octal(byte[] header, int at, int digits, long number) {
        String text = Long.toOctalString(number);
        put(header, at, "0".repeat(digits - text.length()) + text);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void pad(long sizeBytes) throws IOException {
        out.write(new byte[(int) (-sizeBytes & (RECORD_BYTES - 1))]);
    }

    private static String latin1(ByteString bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
    }
}
