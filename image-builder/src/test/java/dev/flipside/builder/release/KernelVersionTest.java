package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KernelVersionTest {
    /** A setup header whose version pointer leads to {@code text} in a file of 2048 bytes. */
    private static byte[] kernel(int pointer, String text) {
        ByteBuffer kernel = ByteBuffer.allocate(2048).order(ByteOrder.LITTLE_ENDIAN);
        kernel.put(0x202, TestingTar.bytes("HdrS")).putShort(0x20e, (short) pointer);
        return kernel.put(0x400, TestingTar.bytes(text)).array();
    }

    @ParameterizedTest
    @CsvSource({
        "6.12.107+deb13-cloud-amd64 (debian-kernel@lists.debian.org) #1, 6.12.107+deb13-cloud-amd64",
        "6.1.0, 6.1.0"
    })
    void readsItFromTheSetupHeader(String text, String version) throws Exception {
        assertEquals(version, KernelVersion.of(RandomAccess.of(kernel(0x200, text))));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x200, 0x300, 0x5ff, 0x600, 0xffff})
    void refusesAPointerThatLeadsToNoVersion(int pointer) {
        assertRefused(kernel(pointer, " 6.1.0"));
    }

    @Test
    void refusesWhatIsNoX86Kernel() {
        assertRefused(new byte[0]);
        assertRefused(new byte[0x20f]);
        assertRefused(new byte[5000]);
        assertRefused(kernel(0x200, "../../etc"));
    }

    private static void assertRefused(byte[] kernel) {
        FlipsideException refusal =
                assertThrows(
                        FlipsideException.class, () -> KernelVersion.of(RandomAccess.of(kernel)));
        assertEquals(FailureCode.ARGUMENT_INVALID, refusal.failure().code());
    }
}
