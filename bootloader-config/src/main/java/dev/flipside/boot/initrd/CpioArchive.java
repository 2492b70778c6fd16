package dev.flipside.boot.initrd;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An initrd in the format that the kernel unpacks (Documentation/driver-api/early-userspace/
 * buffer-format.rst): cpio "newc", a header of {@code 070701} and 13 numbers of 8 hex digits; name
 * and content padded to 4 bytes; no compression. Owner is root and times are 0, so that the same
 * files give the same bytes.
 */
public final class CpioArchive {
    private static final int FILE_MODE = 0100644;
    private static final int FOLDER_MODE = 040755;
    private static final String TRAILER = "TRAILER!!!";

    private final SortedMap<String, byte[]> files = new TreeMap<>();

    /** Adds a file for all to read; the folders above it come by themselves. */
    public CpioArchive add(String path, String content) {
        if (path.isEmpty() || path.startsWith("/") || path.endsWith("/")) {
            throw new IllegalArgumentException("path '%s'".formatted(path));
        }
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** The whole archive; its length is a multiple of 4. */
    public byte[] bytes() {
        SortedMap<String, byte[]> folders = new TreeMap<>();
        for (String path : files.keySet()) {
            for (int i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) {
                folders.put(path.substring(0, i), new byte[0]);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int inode = 1;
        for (String folder : folders.keySet()) {
            entry(out, inode++, FOLDER_MODE, folder, new byte[0]);
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            entry(out, inode++, FILE_MODE, file.getKey(), file.getValue());
        }
        entry(out, 0, 0, TRAILER, new byte[0]);
        return out.toByteArray();
    }

    private static void entry(
            ByteArrayOutputStream out, int inode, int mode, String path, byte[] content) {
        byte[] name = (path + "\0").getBytes(StandardCharsets.UTF_8);
        int links = mode == FOLDER_MODE ? 2 : 1;
        int[] fields = {inode, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0};
        StringBuilder header = new StringBuilder("070701");
        for (int field : fields) {
            header.append("%08x".formatted(field));
        }
        out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(name);
        pad(out);
        out.writeBytes(content);
        pad(out);
    }

    private static void pad(ByteArrayOutputStream out) {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
