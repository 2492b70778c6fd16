package dev.flipside.boot.uki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UkiTest {
    private static final byte[] KERNEL = TestingPe.kernel(7);

    @Test
    void readsWhatItWrote() throws Exception {
        Uki uki = Uki.read(RandomAccess.of(write(TestingPe.stub(), KERNEL)));
        assertEquals(Architecture.X86_64, uki.architecture());
        assertEquals("ID=test\n", uki.text(".osrel").orElseThrow());
        assertEquals("6.12.1-test", uki.text(".uname").orElseThrow());
        assertEquals("ab", uki.commandLine().value("roothash").orElseThrow());
        assertEquals("content of .sbat\n", uki.text(".sbat").orElseThrow());
        RandomAccess kernel = uki.section(".linux").orElseThrow();
        assertArrayEquals(KERNEL, Arrays.copyOf(bytes(kernel), KERNEL.length));
    }

    @Test
    void isForTheArchitectureOfItsStub() throws Exception {
        byte[] image = write(TestingPe.arm64Stub(), TestingPe.arm64Kernel(7));
        assertEquals(Architecture.ARM64, Uki.read(RandomAccess.of(image)).architecture());
    }

    @Test
    void hasRevocationDataWhereTheStubHasNone() throws Exception {
        byte[] image = write(TestingPe.stubWithoutSbat(), KERNEL);
        String sbat = Uki.read(RandomAccess.of(image)).text(".sbat").orElseThrow();
        assertEquals(
                List.of("sbat,1", "uki,1"),
                sbat.lines().map(line -> line.split(",SBAT V|,UKI,", 2)[0]).toList());
        assertTrue(sbat.lines().allMatch(line -> line.split(",").length == 6), sbat);
        List<String> names =
                PeHeaders.read(RandomAccess.of(image), "UKI").sections().stream()
                        .map(PeSection::name)
                        .toList();
        assertEquals(
                List.of(
                        ".text",
                        ".sdmagic",
                        ".sbat",
                        ".osrel",
                        ".cmdline",
                        ".uname",
                        ".initrd",
                        ".linux"),
                names);
    }

    @Test
    void listsItsSectionsInTheOrderOfTheFile() throws Exception {
        byte[] image = write(TestingPe.stub(), KERNEL);
        Uki uki = Uki.read(RandomAccess.of(image));
        long end = 0;
        for (Uki.Section section : uki.sections()) {
            assertTrue(section.offsetBytes() >= end, section.toString());
            end = section.offsetBytes() + section.sizeBytes();
            assertEquals(
                    section.sizeBytes(), uki.section(section.name()).orElseThrow().sizeBytes());
        }
        assertTrue(
                uki.sections().stream()
                        .map(Uki.Section::name)
                        .toList()
                        .containsAll(List.of(".osrel", ".cmdline", ".uname", ".linux", ".initrd")));
        assertFalse(uki.hasSignature());
    }

    @Test
    void joinsInitrdsAtMultiplesOfFour() throws Exception {
        Uki uki = Uki.read(RandomAccess.of(write(TestingPe.stub(), KERNEL)));
        assertArrayEquals(
                new byte[] {1, 2, 3, 0, 4, 5, 6, 7}, bytes(uki.section(".initrd").orElseThrow()));
    }

    @Test
    void writesTheSameBytesEachTime() throws Exception {
        assertArrayEquals(write(TestingPe.stub(), KERNEL), write(TestingPe.stub(), KERNEL));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 1536})
    void movesTheContentsOnWhereTheHeadersHaveNoRoom(int headerBytes) throws Exception {
        byte[] stub = TestingPe.stub(Uki.MACHINE_X86_64, headerBytes);
        byte[] image = write(stub, KERNEL);
        PeHeaders before = PeHeaders.read(RandomAccess.of(stub), "stub");
        PeHeaders after = PeHeaders.read(RandomAccess.of(image), "UKI");
        for (int i = 0; i < before.sections().size(); i++) {
            PeSection old = before.sections().get(i);
            PeSection now = after.sections().get(i);
            assertEquals(old.memoryAddress(), now.memoryAddress());
            assertArrayEquals(
                    Arrays.copyOfRange(stub, (int) old.fileOffset(), (int) old.fileOffset() + 512),
                    Arrays.copyOfRange(
                            image, (int) now.fileOffset(), (int) now.fileOffset() + 512));
        }
        assertTrue(after.bytes().capacity() <= after.sizeOfHeaders());
        assertTrue(after.sections().getFirst().fileOffset() >= after.sizeOfHeaders());
    }

    @Test
    void placesSectionsAsFirmwareWantsThem() throws Exception {
        byte[] image = write(TestingPe.stub(), KERNEL);
        PeHeaders headers = PeHeaders.read(RandomAccess.of(image), "UKI");
        long address = 0;
        for (PeSection section : headers.sections()) {
            assertEquals(0, section.memoryAddress() % TestingPe.SECTION_ALIGNMENT);
            assertEquals(0, section.fileOffset() % TestingPe.FILE_ALIGNMENT);
            assertEquals(0, section.fileSizeBytes() % TestingPe.FILE_ALIGNMENT);
            assertTrue(section.memoryAddress() >= address, section.name());
            address = section.memoryAddress() + section.memorySizeBytes();
        }
        assertEquals(
                List.of(".osrel", ".cmdline", ".uname", ".initrd", ".linux"),
                headers.sections().stream().map(PeSection::name).skip(5).toList());
        assertTrue(headers.sizeOfImage() >= address);
        assertEquals(0, headers.sizeOfImage() % TestingPe.SECTION_ALIGNMENT);
        assertEquals(image.length % TestingPe.FILE_ALIGNMENT, 0);
        assertEquals(KERNEL.length, headers.sections().getLast().memorySizeBytes());
    }

    @Test
    void refusesAKernelOrStubThatIsNone() {
        byte[] stub = TestingPe.stub();
        assertMalformed(() -> write(stub, "gzip".getBytes(StandardCharsets.UTF_8)));
        assertMalformed(() -> write(stub, TestingPe.kernel(Uki.MACHINE_ARM64, 1)));
        assertMalformed(() -> write(new byte[0], KERNEL));
        assertMalformed(() -> write(KERNEL, new byte[64]));
        byte[] signed = stub.clone();
        ByteBuffer.wrap(signed).putLong(64 + 24 + 112 + 4 * 8, 1);
        assertMalformed(() -> write(signed, KERNEL));
        assertMalformed(() -> write(write(stub, KERNEL), KERNEL));
    }

    @Test
    void refusesHeadersThatCannotGrow() {
        assertMalformed(() -> write(TestingPe.stub(Uki.MACHINE_X86_64, 8192), KERNEL));
        byte[] debug = TestingPe.stub(Uki.MACHINE_X86_64, 512);
        ByteBuffer.wrap(debug).putLong(64 + 24 + 112 + 6 * 8, 1);
        assertMalformed(() -> write(debug, KERNEL));
    }

    @Test
    void refusesAnImageWithoutKernelOrWithTwoSectionsOfOneName() throws Exception {
        assertMalformed(() -> Uki.read(RandomAccess.of(TestingPe.stub())));
        byte[] image = write(TestingPe.stub(), KERNEL);
        PeHeaders headers = PeHeaders.read(RandomAccess.of(image), "UKI");
        int second = headers.sectionTableOffset() + 6 * PeHeaders.SECTION_HEADER_BYTES;
        System.arraycopy(".osrel\0\0".getBytes(StandardCharsets.US_ASCII), 0, image, second, 8);
        assertMalformed(() -> Uki.read(RandomAccess.of(image)));
    }

    @Test
    void givesAValueOrAFailureForAnyHeader() throws Exception {
        long seed = 5;
        Random random = new Random(seed);
        byte[] image = write(TestingPe.stub(), KERNEL);
        byte[] stub = TestingPe.stub();
        for (int round = 0; round < 4000; round++) {
            byte[] hostile = (round % 2 == 0 ? image : stub).clone();
            ByteBuffer bytes = ByteBuffer.wrap(hostile).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 3; i++) {
                bytes.putInt(60 + random.nextInt(720), extreme(random));
            }
            int length = random.nextInt(10) == 0 ? random.nextInt(hostile.length) : hostile.length;
            byte[] cut = Arrays.copyOf(hostile, length);
            try {
                if (round % 2 == 0) {
                    Uki.read(RandomAccess.of(cut)).commandLine();
                } else {
                    write(cut, KERNEL);
                }
            } catch (FlipsideException e) {
                assertEquals(
                        FailureCode.UKI_MALFORMED,
                        e.failure().code(),
                        "seed %d round %d".formatted(seed, round));
            }
        }
    }

    @Test
    void takesACommandLineApartAsTheKernelDoes() {
        KernelCommandLine line =
                new KernelCommandLine(" ro a=1 gpt\ta=2 dyndbg=\"file x +p\" roothash= \n");
        assertEquals(
                List.of("ro", "a=1", "gpt", "a=2", "dyndbg=file x +p", "roothash="), line.words());
        assertEquals("2", line.value("a").orElseThrow());
        assertEquals("", line.value("roothash").orElseThrow());
        assertTrue(line.value("usrhash").isEmpty());
        assertTrue(line.has("gpt"));
    }

    private static int extreme(Random random) {
        int[] values = {0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, random.nextInt(4096)};
        return values[random.nextInt(values.length)];
    }

    private static byte[] write(byte[] stub, byte[] kernel) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        UkiContents contents =
                new UkiContents(
                        "ID=test\n",
                        "ro roothash=ab gpt",
                        "6.12.1-test",
                        RandomAccess.of(kernel),
                        List.of(
                                RandomAccess.of(new byte[] {1, 2, 3}),
                                RandomAccess.of(new byte[] {4, 5, 6, 7})));
        Uki.write(RandomAccess.of(stub), contents, Channels.newChannel(out));
        return out.toByteArray();
    }

    private static byte[] bytes(RandomAccess part) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate((int) part.sizeBytes());
        part.read(bytes, 0);
        return bytes.array();
    }

    private static void assertMalformed(Executable executable) {
        FlipsideException e = assertThrows(FlipsideException.class, executable);
        assertEquals(FailureCode.UKI_MALFORMED, e.failure().code());
    }
}
