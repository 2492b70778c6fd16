package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.machine.GuestShell;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A new host on a disk larger than its image, and the same host once its {@code /var} is lost. */
@Tag(Tags.ALL)
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class FirstBootMachineTest {
    private static final long MIB = 1 << 20;
    private static final String WHO_IT_IS =
            "cat /etc/machine-id; ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";
    private static final String VAR_KIND = "findmnt --noheadings --output FSTYPE /var";

    @TempDir Path folder;

    @Test
    void takesTheWholeDiskKeepsItsIdentityAndRunsOnWithoutItsVar(ReferenceMachines machines)
            throws Exception {
        ReferenceVendor vendor = machines.vendor();
        Path first = vendor.release(ReferenceMachines.FIRST, new TreeMap<>());
        vendor.release("2", new TreeMap<>());
        Path disk = vendor.disk(first, folder.resolve("disk.raw"));
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(file.length() + 1024 * MIB);
        }
        machines.tell(
                machines.fresh("grown-disk", disk),
                host -> {
                    host.start();
                    assertTrue(varBytes(host) > 1300 * MIB, "var has what the disk grew by");
                    String table = host.run("sfdisk --verify /dev/vda 2>&1");
                    assertTrue(table.contains("No errors detected"), table);
                    host.run("systemctl start sshd-keygen.service");
                    String identity = host.run(WHO_IT_IS);

                    host.reboot();
                    host.awaitArmed();
                    assertEquals(identity, host.run(WHO_IT_IS));
                    assertEquals("ext4", host.run(VAR_KIND).strip());

                    // Every copy of the superblock that e2fsck would look at.
                    host.run(
                            "dd if=/dev/zero of=/dev/disk/by-partlabel/var bs=1M count=160 oflag=direct");
                    host.machine().reset();
                    host.awaitBoot();
                    assertEquals("tmpfs", host.run(VAR_KIND).strip());
                    host.awaitArmed();
                    GuestShell.Result held =
                            host.machine()
                                    .shell()
                                    .run("flipctl update --now 2", ReferenceHost.COMMAND);
                    assertEquals(11, held.exitCode(), held::output);
                    assertTrue(host.flipctl("status --json").contains("temporary-state"));
                    assertEquals(
                            "",
                            host.run("blkid -p -o value -s TYPE /dev/disk/by-partlabel/var || :"),
                            "what cannot be recognised is not formatted");
                    assertEquals(3, host.kernelStarts(), "it does not loop");
                });
    }

    private static long varBytes(ReferenceHost host) throws Exception {
        return Long.parseLong(host.run("df --output=size -B1 /var | tail -n 1").strip());
    }
}
