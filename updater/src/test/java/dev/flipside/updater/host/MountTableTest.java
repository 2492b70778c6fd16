package dev.flipside.updater.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.host.MountTable.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MountTableTest {
    @Test
    void readsLinesWithAndWithoutOptionalFields() throws Exception {
        MountTable table =
                MountTable.parse(
                        """
                        21 1 254:0 / / ro,relatime - erofs /dev/mapper/root ro
                        36 21 98:0 /mnt1 /mnt/a\\040b rw,noatime master:1 shared:2 - ext3 /dev/r -\\040x rw
                        """);
        assertEquals(
                List.of(
                        new Mount("254:0", "/", "erofs"),
                        new Mount("98:0", "/mnt/a\\040b", "ext3")),
                table.mounts());
        assertEquals(Optional.of(Path.of("/")), table.mountPointOf("254:0"));
        assertEquals(Optional.empty(), table.deviceAt("/mnt"));
    }

    @Test
    void readsThatOfThisMachine() throws Exception {
        assertTrue(
                MountTable.parse(Files.readString(Path.of("/proc/self/mountinfo")))
                        .deviceAt("/")
                        .isPresent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "1 1 254:0 / / ro erofs /dev/dm-0 ro",
                "1 1 254:0 / - erofs /dev/dm-0 ro",
                "1 1 254 / / ro - erofs /dev/dm-0 ro",
                "1 1 254: / / ro - erofs /dev/dm-0 ro",
                "1 1 :0 / / ro - erofs /dev/dm-0 ro",
                "1 1 a:0 / / ro - erofs /dev/dm-0 ro",
                "1 1 254:0 /  ro - erofs /dev/dm-0 ro",
                "1 1 254:0 / / ro - erofs",
                "1 1 254:0 / / ro -  /dev/dm-0 ro"
            })
    void refusesAnyOtherLine(String line) {
        FlipsideException refused =
                assertThrows(FlipsideException.class, () -> MountTable.parse(line + "\n"));
        assertEquals(FailureCode.SLOT_UNKNOWN, refused.failure().code());
    }
}
