package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.machine.GuestShell;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Firmware with Secure Boot and a TPM: it takes the vendor's keys on the first boot. */
@Tag(Tags.ALL)
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class SecureBootMachineTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final String ENTRIES = "ls /boot/loader/entries";

    @TempDir Path folder;

    @Test
    void bootsWithTheVendorsKeysAndRefusesTheUkiOfAStrangerBeforeTheFlip(ReferenceMachines machines)
            throws Exception {
        for (String name : new String[] {"PK", "KEK", "db", "stranger"}) {
            key(name);
        }
        ReferenceVendor vendor = machines.vendor();
        Path first = vendor.release("1-signed", new TreeMap<>(), signedBy("db"));
        vendor.release("2-stranger", new TreeMap<>(), signedBy("stranger"));
        vendor.release("2-signed", new TreeMap<>(), signedBy("db"));
        Object[] signed = signedBy("db");
        Path disk =
                vendor.disk(
                        first,
                        folder.resolve("disk.raw"),
                        signed[0],
                        signed[1],
                        signed[2],
                        signed[3],
                        "--enroll-keys",
                        folder);
        machines.tell(
                machines.freshWithSecureBoot("secure-boot", disk),
                host -> {
                    host.start();
                    String firmware = host.run("bootctl status");
                    assertTrue(firmware.contains("Secure Boot: enabled (user)"), firmware);
                    assertEquals("/dev/tpmrm0", host.run("ls /dev/tpmrm0").strip());

                    String before = host.run(ENTRIES);
                    GuestShell.Result refused =
                            host.machine()
                                    .shell()
                                    .run("flipctl update --now 2-stranger", Duration.ofMinutes(10));
                    assertEquals(10, refused.exitCode(), refused::output);
                    assertTrue(refused.output().contains("[signature-invalid]"), refused::output);
                    assertEquals(before, host.run(ENTRIES), "nothing is flipped");

                    host.update("2-signed");
                    host.rebootInto("2-signed");
                    host.awaitCommitted("2-signed", "1-signed");
                });
    }

    private void key(String name) throws IOException {
        IMAGE.check("key", "generate", "--algorithm", "rsa-3072", "--out", folder.resolve(name));
        IMAGE.check(
                "key",
                "certificate",
                "--key",
                folder.resolve(name + ".key.pem"),
                "--name",
                "reference host " + name,
                "--out",
                folder.resolve(name + ".crt.pem"));
    }

    private Object[] signedBy(String name) {
        return new Object[] {
            "--secure-boot-key",
            folder.resolve(name + ".key.pem"),
            "--secure-boot-cert",
            folder.resolve(name + ".crt.pem")
        };
    }
}
