package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.ByteArrayOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class InitrdCheckTest {
    private static final byte[] CPIO = TestingTar.bytes("070701" + "x".repeat(300_000));

    private static void require(byte[] initrd) throws Exception {
        InitrdCheck.requireInitrd(RandomAccess.of(initrd), "initrd");
    }

    private static void requireMicrocode(byte[] initrd) throws Exception {
        InitrdCheck.requireMicrocode(RandomAccess.of(initrd), "microcode");
    }

    private static void assertRefused(Executable check) {
        FlipsideException e = assertThrows(FlipsideException.class, check);
        assertEquals(FailureCode.INITRD_MALFORMED, e.failure().code());
    }

    @Test
    void takesWhatLinuxUnpacks() throws Exception {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(CPIO);
        }
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(xz, new LZMA2Options(0))) {
            out.write(CPIO);
        }
        require(CPIO);
        require(gzip.toByteArray());
        require(xz.toByteArray());
        require(Zstd.compress(CPIO));
        require(TestingTar.bytes("\002!L\030 lz4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no cpio", "07070", "070707 the old form", "\037\213\b damaged"})
    void refusesWhatItDoesNot(String initrd) {
        assertRefused(() -> require(TestingTar.bytes(initrd)));
    }

    @Test
    void refusesSomethingElseThatIsPacked() {
        byte[] packed = Zstd.compress(TestingTar.bytes("no cpio"));
        assertRefused(() -> require(packed));
    }

    @Test
    void takesMicrocodeOnlyAsLinuxFindsIt() throws Exception {
        byte[] microcode =
                TestingTar.bytes(
                        "070701" + "0".repeat(104) + "kernel/x86/microcode/GenuineIntel.bin");
        requireMicrocode(microcode);
        assertRefused(() -> requireMicrocode(Zstd.compress(microcode)));
        assertRefused(() -> requireMicrocode(CPIO));
        assertRefused(() -> requireMicrocode(new byte[0]));
    }
}
