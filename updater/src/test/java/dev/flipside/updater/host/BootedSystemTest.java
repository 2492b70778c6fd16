package dev.flipside.updater.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.host.BootedSystem.PartitionExtent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BootedSystemTest {
    private static final String VENDOR = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    @TempDir Path root;

    @BeforeEach
    void makeSystem() throws IOException {
        put("proc/sys/kernel/random/boot_id", "b-1\n");
        put(
                "proc/self/mountinfo",
                """
                21 1 0:20 / /proc rw,nosuid shared:5 - proc proc rw
                22 1 254:7 / / ro,relatime shared:1 - erofs /dev/mapper/root ro
                23 22 254:1 / /boot rw,relatime shared:2 - vfat /dev/vda1 rw
                """);
        put("sys/dev/block/254:7/dm/uuid", "CRYPT-VERITY-0123-root\n");
        partition("sys/dev/block/254:7/slaves/vda2", 2, 2048, 1000);
        partition("sys/dev/block/254:7/slaves/vda3", 3, 4096, 64);
    }

    private void partition(String path, int number, long start, long size) throws IOException {
        put(path + "/partition", number + "\n");
        put(path + "/start", start + "\n");
        put(path + "/size", size + "\n");
    }

    @Test
    void takesOnlyAnIdentityForOne() throws IOException, FlipsideException {
        assertEquals(Optional.empty(), BootedSystem.read(root).machineId());
        put("etc/machine-id", "uninitialized\n");
        assertEquals(Optional.empty(), BootedSystem.read(root).machineId());
        put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        assertEquals(
                Optional.of("0123456789abcdef0123456789abcdef"),
                BootedSystem.read(root).machineId());
    }

    @Test
    void findsThePartitionsUnderTheRoot() throws FlipsideException {
        BootedSystem system = BootedSystem.read(root);
        assertEquals("b-1", system.bootId());
        assertEquals(
                List.of(
                        new PartitionExtent("slaves", 2048 * 512, 1000 * 512),
                        new PartitionExtent("slaves", 4096 * 512, 64 * 512)),
                system.partitions());
        assertEquals(OptionalLong.empty(), system.sequence());
        assertFalse(system.counted());
    }

    @ParameterizedTest
    @CsvSource({
        "'3 1 0:9 / /var rw - tmpfs tmpfs rw', true",
        "'3 1 254:6 / /var rw - ext4 /dev/vda6 rw', false",
        "'3 1 254:6 / /var rw - ext4 /dev/vda6 rw\n4 3 0:9 / /var rw - tmpfs tmpfs rw', true",
        "'3 1 254:6 / /var rw - ext4 /dev/vda6 rw\n4 3 0:9 / /var/tmp rw - tmpfs tmpfs rw', false"
    })
    void seesWhetherVarIsATemporaryOne(String mounts, boolean expected) throws Exception {
        String first = "1 1 254:7 / / ro - erofs /dev/dm-7 ro";
        put("proc/self/mountinfo", first + "\n" + mounts + "\n");
        assertEquals(expected, BootedSystem.read(root).varInMemory());
    }

    @Test
    void takesAVarOnARootInMemoryForATemporaryOne() throws Exception {
        String usr = "2 1 254:7 / /usr ro - erofs /dev/dm-7 ro\n";
        put("proc/self/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n" + usr);
        assertTrue(BootedSystem.read(root).varInMemory());
        put(
                "proc/self/mountinfo",
                "1 1 0:1 / / rw - tmpfs tmpfs rw\n"
                        + usr
                        + "3 1 254:6 / /var rw - ext4 /dev/vda6 rw\n");
        assertFalse(BootedSystem.read(root).varInMemory());
    }

    @Test
    void takesTheLastMountOnTheRoot() throws Exception {
        put(
                "proc/self/mountinfo",
                "1 1 0:1 / / rw - rootfs rootfs rw\n2 1 254:7 / / ro - erofs /dev/dm-7 ro\n");
        assertEquals(2, BootedSystem.read(root).partitions().size());
    }

    @Test
    void takesAVerityUsrBeforeARootInMemory() throws Exception {
        put(
                "proc/self/mountinfo",
                "1 1 0:1 / / rw - tmpfs tmpfs rw\n2 1 254:7 / /usr ro - erofs /dev/dm-7 ro\n");
        assertEquals(2, BootedSystem.read(root).partitions().size());
    }

    @Test
    void namesTheDiskOfAPartition() throws Exception {
        partition("sys/devices/pci/vda/vda2", 2, 2048, 1000);
        Files.createSymbolicLink(
                root.resolve("sys/dev/block/254:2"), Path.of("../../devices/pci/vda/vda2"));
        put("proc/self/mountinfo", "1 1 254:2 / / ro - erofs /dev/vda2 ro\n");
        assertEquals(
                List.of(new PartitionExtent("vda", 2048 * 512, 1000 * 512)),
                BootedSystem.read(root).partitions());
    }

    @Test
    void readsTheEntryThatWasBooted() throws Exception {
        variable("LoaderEntrySelected", "flipside-0000000007.conf\0");
        assertEquals(OptionalLong.of(7), BootedSystem.read(root).sequence());
        variable("LoaderBootCountPath", "\\loader\\entries\\flipside-0000000008+2-1.conf\0");
        BootedSystem counted = BootedSystem.read(root);
        assertEquals(OptionalLong.of(8), counted.sequence());
        assertTrue(counted.counted());
        variable("LoaderEntryDefault", "other.conf\0");
        assertEquals(Optional.of("other.conf"), BootedSystem.read(root).defaultEntry());
        variable("LoaderEntryPreferred", "preferred.conf\0");
        assertEquals(Optional.of("preferred.conf"), BootedSystem.read(root).defaultEntry());
    }

    @Test
    void takesAForeignOrDamagedVariableForNone() throws Exception {
        variable("LoaderEntrySelected", "windows.conf\0");
        assertEquals(OptionalLong.empty(), BootedSystem.read(root).sequence());
        assertEquals(Optional.empty(), LoaderVariables.decode(new byte[3]));
        assertEquals(Optional.empty(), LoaderVariables.decode(new byte[4]));
        assertEquals(Optional.empty(), LoaderVariables.decode(new byte[5]));
        assertEquals(Optional.empty(), LoaderVariables.decode(new byte[] {0, 0, 0, 0, 0, 0}));
        assertEquals(
                Optional.empty(),
                LoaderVariables.decode(new byte[] {0, 0, 0, 0, 0, (byte) 0xd8, 'a', 0}));
        assertEquals(Optional.of("a"), LoaderVariables.decode(new byte[] {7, 0, 0, 0, 'a', 0}));
    }

    @Test
    void refusesARootThatStandsOnNoPartition() throws Exception {
        put("proc/self/mountinfo", "1 1 0:1 / / rw - tmpfs tmpfs rw\n");
        assertUnknown();
        put("proc/self/mountinfo", "nonsense\n");
        assertUnknown();
        put("proc/self/mountinfo", "1 1 254:7 / /boot ro - erofs /dev/dm-7 ro\n");
        assertUnknown();
        makeSystem();
        put("sys/dev/block/254:7/slaves/vda2/start", "-1\n");
        assertUnknown();
        makeSystem();
        Files.delete(root.resolve("proc/sys/kernel/random/boot_id"));
        assertUnknown();
    }

    private void assertUnknown() {
        FlipsideException e = assertThrows(FlipsideException.class, () -> BootedSystem.read(root));
        assertEquals(FailureCode.SLOT_UNKNOWN, e.failure().code(), e.failure().line());
    }

    private void variable(String name, String text) throws IOException {
        byte[] value = text.getBytes(StandardCharsets.UTF_16LE);
        byte[] variable = new byte[4 + value.length];
        variable[0] = 6;
        System.arraycopy(value, 0, variable, 4, value.length);
        Path file = root.resolve("sys/firmware/efi/efivars/" + name + VENDOR);
        Files.createDirectories(file.getParent());
        Files.write(file, variable);
    }

    private void put(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
