package dev.flipside.builder.release;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What a kernel image says of its own version. */
final class KernelVersion {
    private static final int AT_MAGIC = 0x202;
    private static final int HDRS = 0x53726448;
    private static final int AT_VERSION_POINTER = 0x20e;
    private static final int POINTER_BASE = 0x200;
    private static final int HEADER_BYTES = 0x210;
    private static final int MAX_LENGTH = 128;

    private KernelVersion() {}

    /**
     * The version as {@code uname -r} prints it: the Linux x86 boot protocol's {@code
     * kernel_version}, up to its first space.
     *
     * @throws FlipsideException {@code argument-invalid} for an image that does not tell
     */
    static String of(RandomAccess kernel) throws IOException, FlipsideException {
        if (kernel.sizeBytes() >= HEADER_BYTES) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            kernel.read(header, 0);
            int at = Short.toUnsignedInt(header.getShort(AT_VERSION_POINTER)) + POINTER_BASE;
            int length = (int) Math.min(MAX_LENGTH, kernel.sizeBytes() - at);
            if (header.getInt(AT_MAGIC) == HDRS && at > POINTER_BASE && length > 0) {
                ByteBuffer text = ByteBuffer.allocate(length);
                kernel.read(text, at);
                String version = StandardCharsets.US_ASCII.decode(text.flip()).toString();
                String name = version.split("[ \0]", 2)[0];
                if (name.matches("[A-Za-z0-9][A-Za-z0-9.+~_-]{0,63}")) {
                    return name;
                }
            }
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "--kernel",
                "an x86 kernel, which tells its version",
                "another file",
                "put the kernel into the root file system, as /usr/lib/modules/VERSION/vmlinuz");
    }
}
