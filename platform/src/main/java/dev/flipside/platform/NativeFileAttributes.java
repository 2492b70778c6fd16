package dev.flipside.platform;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What Linux knows of a file and the JDK does not tell: extended attributes outside {@code user.},
 * and names and targets as the bytes they are. Symbolic links are never followed.
 *
 * <p>Needs {@code --enable-native-access}. Not for use by several threads at once: each call uses
 * the same buffers.
 */
public final class NativeFileAttributes implements AutoCloseable {
    /** XATTR_LIST_MAX and XATTR_SIZE_MAX; a longer answer is an error of the kernel's. */
    private static final int BUFFER_BYTES = 65536;

    private static final int MAX_PATH_BYTES = 4096;
    private static final int MAX_NAME_BYTES = 256;
    private static final int ENODATA = 61;
    private static final int EOPNOTSUPP = 95;

    private static final MethodHandle LLISTXATTR = function("llistxattr", 1);
    private static final MethodHandle LGETXATTR = function("lgetxattr", 2);
    private static final MethodHandle READLINK = function("readlink", 1);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment captured = arena.allocate(CLibrary.CAPTURED);
    private final MemorySegment pathBuffer = arena.allocate(MAX_PATH_BYTES + 1L);
    private final MemorySegment nameBuffer = arena.allocate(MAX_NAME_BYTES + 1L);
    private final MemorySegment answer = arena.allocate(BUFFER_BYTES);

    /** {@code ssize_t name(const char *path[, const char *attribute], void *buffer, size_t)}. */
    private static MethodHandle function(String name, int strings) {
        MemoryLayout[] parameters = new MemoryLayout[strings + 2];
        Arrays.fill(parameters, ValueLayout.ADDRESS);
        parameters[strings + 1] = ValueLayout.JAVA_LONG;
        return CLibrary.function(name, ValueLayout.JAVA_LONG, parameters);
    }

    /**
     * The names of the extended attributes; none where the file system has no such thing. Without
     * CAP_SYS_ADMIN the kernel leaves {@code trusted.} out.
     */
    public List<byte[]> xattrNames(byte[] path) throws IOException {
        MemorySegment cPath = cString(pathBuffer, path, path);
        long length;
        try {
            length = (long) LLISTXATTR.invokeExact(captured, cPath, answer, (long) BUFFER_BYTES);
        } catch (Throwable e) {
            throw new IllegalStateException("llistxattr", e);
        }
        if (length < 0 && errno() == EOPNOTSUPP) {
            return List.of();
        }
        byte[] all = answered(length, path, "llistxattr");
        List<byte[]> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                names.add(Arrays.copyOfRange(all, start, i));
                start = i + 1;
            }
        }
        return names;
    }

    public byte[] xattr(byte[] path, byte[] name) throws IOException {
        MemorySegment cPath = cString(pathBuffer, path, path);
        MemorySegment cName = cString(nameBuffer, name, path);
        long length;
        try {
            length =
                    (long)
                            LGETXATTR.invokeExact(
                                    captured, cPath, cName, answer, (long) BUFFER_BYTES);
        } catch (Throwable e) {
            throw new IllegalStateException("lgetxattr", e);
        }
        if (length < 0 && errno() == ENODATA) {
            throw new FileSystemException(text(path), null, "attribute removed while read");
        }
        return answered(length, path, "lgetxattr");
    }

    public byte[] symlinkTarget(byte[] path) throws IOException {
        MemorySegment cPath = cString(pathBuffer, path, path);
        long length;
        try {
            length = (long) READLINK.invokeExact(captured, cPath, answer, (long) BUFFER_BYTES);
        } catch (Throwable e) {
            throw new IllegalStateException("readlink", e);
        }
        return answered(length, path, "readlink");
    }

    /**
     * The bytes of a path, also where they are not text in the character set of the JVM: the URI
     * has them escaped one by one.
     */
    public static byte[] bytesOf(Path path) {
        String escaped = path.toUri().getRawPath();
        byte[] bytes = new byte[escaped.length()];
        int length = 0;
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) Integer.parseInt(escaped, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        boolean trailingSlash = length > 1 && bytes[length - 1] == '/';
        return Arrays.copyOf(bytes, trailingSlash ? length - 1 : length);
    }

    @Override
    public void close() {
        arena.close();
    }

    private int errno() {
        return CLibrary.errno(captured);
    }

    private byte[] answered(long length, byte[] path, String call) throws IOException {
        if (length < 0) {
            throw new FileSystemException(text(path), null, call + " failed, errno " + errno());
        }
        return answer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static MemorySegment cString(MemorySegment to, byte[] bytes, byte[] path)
            throws IOException {
        if (bytes.length >= to.byteSize()) {
            throw new FileSystemException(text(path), null, "name too long");
        }
        MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, 0, bytes.length);
        to.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
        return to;
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }
}
