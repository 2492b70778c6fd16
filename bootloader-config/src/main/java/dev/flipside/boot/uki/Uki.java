package dev.flipside.boot.uki;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A unified kernel image (UAPI.5): systemd-stub as a PE32+ image, with what it starts in sections
 * {@code .osrel .cmdline .uname .initrd .linux} of its own, and {@code .sbat} where the stub has
 * none.
 */
public final class Uki {
    static final short MACHINE_X86_64 = (short) 0x8664;
    static final short MACHINE_ARM64 = (short) 0xaa64;

    private static final int MAX_TEXT_BYTES = 64 * 1024;

    private final RandomAccess file;
    private final Architecture architecture;
    private final Map<String, PeSection> sections;
    private final boolean signed;

    private Uki(
            RandomAccess file,
            Architecture architecture,
            Map<String, PeSection> sections,
            boolean signed) {
        this.file = file;
        this.architecture = architecture;
        this.sections = sections;
        this.signed = signed;
    }

    /**
     * Reads the headers of a UKI, and no contents yet.
     *
     * @throws FlipsideException {@code uki-malformed} for what is not an EFI image for a known
     *     architecture with one kernel
     */
    public static Uki read(RandomAccess file) throws IOException, FlipsideException {
        PeHeaders headers = PeHeaders.read(file, "UKI");
        Map<String, PeSection> sections = new HashMap<>();
        for (PeSection section : headers.sections()) {
            if (sections.put(section.name(), section) != null) {
                throw PeHeaders.malformed(
                        "UKI", "each section once", "two of '%s'".formatted(section.name()));
            }
        }
        if (!sections.containsKey(UkiWriter.KERNEL)) {
            throw PeHeaders.malformed("UKI", "a section '.linux'", "none");
        }
        return new Uki(
                file,
                architecture(headers, "UKI"),
                sections,
                headers.hasDirectory(PeHeaders.CERTIFICATES));
    }

    /**
     * Writes a UKI; the same input gives the same bytes.
     *
     * @return where in it the contents stand, in ascending order
     * @throws FlipsideException {@code uki-malformed} when stub or kernel are not what they should
     *     be
     */
    public static List<Placement> write(
            RandomAccess stub, UkiContents contents, WritableByteChannel out)
            throws IOException, FlipsideException {
        UkiWriter writer = UkiWriter.plan(stub, contents);
        writer.writeTo(out);
        return writer.placements();
    }

    /** Bytes of the stub, of the kernel or of an initrd, and where they stand in the UKI. */
    public record Placement(
            RandomAccess source, long sourceOffsetBytes, long offsetBytes, long sizeBytes) {}

    public Architecture architecture() {
        return architecture;
    }

    /** A section by its name, and where its contents stand in the file. */
    public record Section(String name, long offsetBytes, long sizeBytes) {}

    /** All sections in the order in which they stand in the file. */
    public List<Section> sections() {
        return sections.values().stream()
                .map(it -> new Section(it.name(), it.fileOffset(), it.contentSizeBytes()))
                .sorted(Comparator.comparingLong(Section::offsetBytes).thenComparing(Section::name))
                .toList();
    }

    /** Whether there is a signature for Secure Boot (attribute certificate table); unchecked. */
    public boolean hasSignature() {
        return signed;
    }

    /** The contents of a section, if there is one of that name. */
    public Optional<RandomAccess> section(String name) {
        return Optional.ofNullable(sections.get(name))
                .map(section -> file.slice(section.fileOffset(), section.contentSizeBytes()));
    }

    /**
     * A section as text, without the NULs that may pad it.
     *
     * @throws FlipsideException {@code uki-malformed} when it is larger than 64 KiB
     */
    public Optional<String> text(String name) throws IOException, FlipsideException {
        Optional<RandomAccess> section = section(name);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        if (section.get().sizeBytes() > MAX_TEXT_BYTES) {
            throw PeHeaders.malformed(
                    "UKI",
                    "at most %d bytes in '%s'".formatted(MAX_TEXT_BYTES, name),
                    String.valueOf(section.get().sizeBytes()));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) section.get().sizeBytes());
        section.get().read(bytes, 0);
        int length = bytes.capacity();
        while (length > 0 && bytes.get(length - 1) == 0) {
            length--;
        }
        return Optional.of(new String(bytes.array(), 0, length, StandardCharsets.UTF_8));
    }

    /** The command line that the stub gives to the kernel; an empty one when there is none. */
    public KernelCommandLine commandLine() throws IOException, FlipsideException {
        return new KernelCommandLine(text(UkiWriter.COMMAND_LINE).orElse(""));
    }

    static Architecture architecture(PeHeaders headers, String what) throws FlipsideException {
        return switch (headers.machine()) {
            case MACHINE_X86_64 -> Architecture.X86_64;
            case MACHINE_ARM64 -> Architecture.ARM64;
            default ->
                    throw PeHeaders.malformed(
                            what,
                            "an image for x86-64 or arm64",
                            "machine 0x%04x".formatted(Short.toUnsignedInt(headers.machine())));
        };
    }
}
