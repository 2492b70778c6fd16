package dev.flipside.boot.uki;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends sections to a stub, by the rules of systemd's ukify: addresses go on after the stub's
 * last section, aligned; {@code .linux} is last and has in memory the room that the kernel asks
 * for; the checksum is 0, which firmware does not check; the size of the image is set anew.
 *
 * <p>Where the stub's headers have no room for the new entries they grow by whole file-alignment
 * units, and what follows them in the file moves on; in memory nothing moves.
 */
final class UkiWriter {
    static final String KERNEL = ".linux";
    static final String COMMAND_LINE = ".cmdline";

    private static final String SBAT = ".sbat";

    /**
     * What ukify, too, writes where there is none: the format's own line, and that of UKIs. Shim
     * and firmware revoke generations of components by such lines (shim's SBAT.md).
     */
    private static final String SBAT_OF_UKIS =
            """
            sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
            uki,1,UKI,uki,1,https://uapi-group.org/specifications/specs/unified_kernel_image/
            """;

    private static final int READABLE_DATA = 0x4000_0040;
    private static final int READABLE_CODE = 0x4000_0020;
    private static final int INITRD_ALIGNMENT = 4;
    private static final int MAX_ALIGNMENT = 1 << 21;
    private static final long MAX_CONTENT_BYTES = 1L << 30;
    private static final int COPY_BYTES = 1 << 16;
    private static final int DEBUG_DIRECTORY = 6;

    private final RandomAccess stub;
    private final PeHeaders headers;
    private final long headerBytes;
    private final long shiftBytes;
    private final List<Placed> placed = new ArrayList<>();

    /** A new section and where its contents come from. */
    private record Placed(PeSection section, List<RandomAccess> parts) {}

    private UkiWriter(RandomAccess stub, PeHeaders headers, int newSections)
            throws FlipsideException {
        this.stub = stub;
        this.headers = headers;
        long end = headers.bytes().capacity();
        long needed = end + (long) newSections * PeHeaders.SECTION_HEADER_BYTES;
        long present = firstContentOffset();
        headerBytes =
                Math.max(
                        headers.sizeOfHeaders(),
                        alignUp(Math.max(needed, end), headers.fileAlignment()));
        shiftBytes = Math.max(0, headerBytes - present);
        checkHeadersMayGrow();
    }

    static UkiWriter plan(RandomAccess stub, UkiContents contents)
            throws IOException, FlipsideException {
        PeHeaders headers = PeHeaders.read(stub, "stub");
        PeHeaders kernel = PeHeaders.read(contents.kernel(), "kernel");
        checkStub(headers);
        if (Uki.architecture(headers, "stub") != Uki.architecture(kernel, "kernel")) {
            throw PeHeaders.malformed(
                    "kernel",
                    "one for %s, as the stub is"
                            .formatted(Uki.architecture(headers, "stub").code()),
                    "one for " + Uki.architecture(kernel, "kernel").code());
        }
        boolean sbat = headers.sections().stream().anyMatch(it -> it.name().equals(SBAT));
        UkiWriter writer = new UkiWriter(stub, headers, sbat ? 5 : 6);
        if (!sbat) {
            writer.place(SBAT, List.of(text(SBAT_OF_UKIS)), READABLE_DATA);
        }
        writer.place(".osrel", List.of(text(contents.osRelease())), READABLE_DATA);
        writer.place(COMMAND_LINE, List.of(text(contents.commandLine())), READABLE_DATA);
        writer.place(".uname", List.of(text(contents.kernelVersion())), READABLE_DATA);
        writer.place(".initrd", aligned(contents.initrds()), READABLE_DATA);
        writer.place(KERNEL, List.of(contents.kernel()), READABLE_CODE);
        return writer;
    }

    void writeTo(WritableByteChannel out) throws IOException {
        Output output = new Output(out);
        output.write(newHeaders());
        output.padTo(firstContentOffset() + shiftBytes);
        output.copy(stub.slice(firstContentOffset(), contentEnd() - firstContentOffset()));
        for (Placed section : placed) {
            output.padTo(section.section().fileOffset());
            for (RandomAccess part : section.parts()) {
                output.copy(part);
            }
        }
        PeSection last = placed.getLast().section();
        output.padTo(last.fileOffset() + last.fileSizeBytes());
    }

    List<Uki.Placement> placements() {
        List<Uki.Placement> placements = new ArrayList<>();
        long first = firstContentOffset();
        placements.add(new Uki.Placement(stub, first, first + shiftBytes, contentEnd() - first));
        for (Placed section : placed) {
            long offset = section.section().fileOffset();
            for (RandomAccess part : section.parts()) {
                placements.add(new Uki.Placement(part, 0, offset, part.sizeBytes()));
                offset += part.sizeBytes();
            }
        }
        return placements;
    }

    private void place(String name, List<RandomAccess> parts, int characteristics)
            throws FlipsideException {
        long size = parts.stream().mapToLong(RandomAccess::sizeBytes).sum();
        if (size == 0 || size > MAX_CONTENT_BYTES) {
            throw PeHeaders.malformed(
                    "UKI section " + name,
                    "1 to %d bytes".formatted(MAX_CONTENT_BYTES),
                    String.valueOf(size));
        }
        PeSection section =
                new PeSection(
                        name,
                        size,
                        alignUp(memoryEnd(), headers.sectionAlignment()),
                        alignUp(size, headers.fileAlignment()),
                        alignUp(fileEnd(), headers.fileAlignment()),
                        characteristics);
        if (section.memoryAddress() + section.memorySizeBytes() > Integer.MAX_VALUE
                || section.fileOffset() + section.fileSizeBytes() > Integer.MAX_VALUE) {
            throw PeHeaders.malformed("UKI", "an image of less than 2 GiB", "a larger one");
        }
        placed.add(new Placed(section, parts));
    }

    private ByteBuffer newHeaders() {
        int end = headers.bytes().capacity();
        int size = end + placed.size() * PeHeaders.SECTION_HEADER_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(0, headers.bytes(), 0, end);
        int at = headers.sectionTableOffset();
        for (PeSection section : headers.sections()) {
            if (section.fileSizeBytes() > 0) {
                bytes.putInt(at + 20, (int) (section.fileOffset() + shiftBytes));
            }
            at += PeHeaders.SECTION_HEADER_BYTES;
        }
        long data = 0;
        for (Placed section : placed) {
            section.section().encode(bytes, at);
            data += section.section().memorySizeBytes();
            at += PeHeaders.SECTION_HEADER_BYTES;
        }
        int coff = headers.coffOffset();
        bytes.putShort(coff + 2, (short) (headers.sections().size() + placed.size()));
        // The symbol table, if the stub has one, is left behind.
        bytes.putInt(coff + 8, 0).putInt(coff + 12, 0);
        int optional = headers.optionalOffset();
        bytes.putInt(optional + 8, (int) (bytes.getInt(optional + 8) + data));
        bytes.putInt(optional + 56, (int) alignUp(memoryEnd(), headers.sectionAlignment()));
        bytes.putInt(optional + 60, (int) headerBytes);
        bytes.putInt(optional + 64, 0);
        return bytes;
    }

    private static void checkStub(PeHeaders headers) throws FlipsideException {
        if (!isAlignment(headers.fileAlignment()) || !isAlignment(headers.sectionAlignment())) {
            throw PeHeaders.malformed(
                    "stub",
                    "alignments that are powers of two up to %d".formatted(MAX_ALIGNMENT),
                    "%d in the file, %d in memory"
                            .formatted(headers.fileAlignment(), headers.sectionAlignment()));
        }
        if (headers.hasDirectory(PeHeaders.CERTIFICATES)) {
            throw PeHeaders.malformed("stub", "an unsigned image", "a signature");
        }
        List<String> ours = List.of(".osrel", COMMAND_LINE, ".uname", ".initrd", KERNEL);
        for (PeSection section : headers.sections()) {
            if (ours.contains(section.name())) {
                throw PeHeaders.malformed(
                        "stub", "no section '%s' yet".formatted(section.name()), "one");
            }
        }
    }

    private void checkHeadersMayGrow() throws FlipsideException {
        long firstAddress =
                headers.sections().stream().mapToLong(PeSection::memoryAddress).min().orElse(0);
        // Entries of the debug directory hold offsets in the file, which would have to move too.
        boolean mayShift = shiftBytes == 0 || !headers.hasDirectory(DEBUG_DIRECTORY);
        if (headerBytes > firstAddress || !mayShift) {
            throw PeHeaders.malformed(
                    "stub",
                    "room for %d bytes of headers".formatted(headerBytes),
                    "room for %d".formatted(Math.min(firstAddress, firstContentOffset())));
        }
    }

    private long firstContentOffset() {
        return headers.sections().stream()
                .filter(section -> section.fileSizeBytes() > 0)
                .mapToLong(PeSection::fileOffset)
                .min()
                .orElse(headers.bytes().capacity());
    }

    private long contentEnd() {
        return headers.sections().stream()
                .filter(section -> section.fileSizeBytes() > 0)
                .mapToLong(section -> section.fileOffset() + section.fileSizeBytes())
                .max()
                .orElse(headers.bytes().capacity());
    }

    private long fileEnd() {
        return placed.isEmpty()
                ? contentEnd() + shiftBytes
                : placed.getLast().section().fileOffset()
                        + placed.getLast().section().fileSizeBytes();
    }

    private long memoryEnd() {
        long end = 0;
        for (PeSection section : headers.sections()) {
            end = Math.max(end, section.memoryAddress() + section.memorySizeBytes());
        }
        for (Placed section : placed) {
            end =
                    Math.max(
                            end,
                            section.section().memoryAddress()
                                    + section.section().memorySizeBytes());
        }
        return end;
    }

    private static List<RandomAccess> aligned(List<RandomAccess> initrds) {
        List<RandomAccess> parts = new ArrayList<>();
        for (RandomAccess initrd : initrds) {
            parts.add(initrd);
            int rest = (int) (-initrd.sizeBytes() & (INITRD_ALIGNMENT - 1));
            parts.add(RandomAccess.of(new byte[rest]));
        }
        return parts;
    }

    private static RandomAccess text(String text) {
        return RandomAccess.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isAlignment(long value) {
        return value >= 1 && value <= MAX_ALIGNMENT && Long.bitCount(value) == 1;
    }

    private static long alignUp(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    /** A channel with a count of what has gone through. */
    private static final class Output {
        private final WritableByteChannel out;
        private long position;

        Output(WritableByteChannel out) {
            this.out = out;
        }

        void write(ByteBuffer bytes) throws IOException {
            position += bytes.remaining();
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }

        void padTo(long offset) throws IOException {
            if (offset < position) {
                throw new IllegalStateException("at %d, beyond %d".formatted(position, offset));
            }
            while (position < offset) {
                write(ByteBuffer.allocate((int) Math.min(offset - position, COPY_BYTES)));
            }
        }

        void copy(RandomAccess source) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
            for (long done = 0; done < source.sizeBytes(); ) {
                buffer.clear().limit((int) Math.min(COPY_BYTES, source.sizeBytes() - done));
                source.read(buffer, done);
                done += buffer.position();
                write(buffer.flip());
            }
        }
    }
}
