package dev.flipside.boot.uki;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Makes tiny PE32+ images that pass for a stub or a kernel, and start nothing. */
public final class TestingPe {
    public static final int FILE_ALIGNMENT = 512;
    public static final int SECTION_ALIGNMENT = 4096;

    private static final int PE_OFFSET = 64;
    private static final int OPTIONAL_BYTES = 240;

    private final short machine;
    private final List<String> names;
    private final int headerBytes;

    private TestingPe(short machine, List<String> names, int headerBytes) {
        this.machine = machine;
        this.names = names;
        this.headerBytes = headerBytes;
    }

    /** A stub for x86-64 with sections as systemd's, and with room in its headers. */
    public static byte[] stub() {
        return stub(Uki.MACHINE_X86_64, 1536);
    }

    /** A stub for arm64. */
    public static byte[] arm64Stub() {
        return stub(Uki.MACHINE_ARM64, 1536);
    }

    /** A kernel for arm64, which differs for each seed. */
    public static byte[] arm64Kernel(int seed) {
        return kernel(Uki.MACHINE_ARM64, seed);
    }

    static byte[] stubWithoutSbat() {
        return new TestingPe(Uki.MACHINE_X86_64, List.of(".text", ".sdmagic"), 1024).image();
    }

    static byte[] stub(short machine, int headerBytes) {
        return new TestingPe(
                        machine,
                        List.of(".text", ".rodata", ".sbat", ".sdmagic", ".reloc"),
                        headerBytes)
                .image();
    }

    /** A kernel for x86-64, which differs for each seed. */
    public static byte[] kernel(int seed) {
        return kernel(Uki.MACHINE_X86_64, seed);
    }

    static byte[] kernel(short machine, int seed) {
        byte[] image = new TestingPe(machine, List.of(".text", ".data"), 1024).image();
        image[image.length - 1] = (byte) seed;
        image[image.length - 2] = (byte) (seed >>> 8);
        return image;
    }

    private byte[] image() {
        int size = headerBytes + names.size() * FILE_ALIGNMENT;
        ByteBuffer image = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        image.putShort(0, (short) 0x5a4d).putInt(60, PE_OFFSET).putInt(PE_OFFSET, 0x4550);
        int coff = PE_OFFSET + 4;
        image.putShort(coff, machine)
                .putShort(coff + 2, (short) names.size())
                .putShort(coff + 16, (short) OPTIONAL_BYTES)
                .putShort(coff + 18, (short) 0x22e);
        int optional = coff + 20;
        image.putShort(optional, (short) 0x20b)
                .putInt(optional + 32, SECTION_ALIGNMENT)
                .putInt(optional + 36, FILE_ALIGNMENT)
                .putInt(optional + 56, (names.size() + 1) * SECTION_ALIGNMENT)
                .putInt(optional + 60, headerBytes)
                .putInt(optional + 108, 16);
        int table = optional + OPTIONAL_BYTES;
        for (int i = 0; i < names.size(); i++) {
            int offset = headerBytes + i * FILE_ALIGNMENT;
            byte[] content =
                    ("content of " + names.get(i) + "\n").getBytes(StandardCharsets.US_ASCII);
            new PeSection(
                            names.get(i),
                            FILE_ALIGNMENT,
                            (i + 1L) * SECTION_ALIGNMENT,
                            FILE_ALIGNMENT,
                            offset,
                            0x4000_0040)
                    .encode(image, table + i * PeHeaders.SECTION_HEADER_BYTES);
            image.put(offset, content);
        }
        return Arrays.copyOf(image.array(), size);
    }
}
