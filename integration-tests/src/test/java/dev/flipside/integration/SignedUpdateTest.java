package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An update brings the signature of its root hash along, for kernels that ask for one. */
class SignedUpdateTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();

    @TempDir Path folder;

    @Test
    void bothSlotsHaveTheSignatureOfTheirOwnRootHash() throws Exception {
        IMAGE.check("key", "generate", "--algorithm", "ecdsa-p256", "--out", at("verity"));
        IMAGE.check(
                "key",
                "certificate",
                "--key",
                at("verity.key.pem"),
                "--name",
                "verity",
                "--out",
                at("verity.crt.pem"));
        Workbench bench = Workbench.open(folder);
        for (String version : new String[] {"1", "2"}) {
            bench.build(
                    version,
                    SmallRoot.of(version),
                    "--verity-key",
                    at("verity.key.pem"),
                    "--verity-cert",
                    at("verity.crt.pem"));
        }
        bench.publish("1");
        Workbench.Host host =
                bench.install(bench.disk("1", "16MiB"), "host", bench.repository().toUri());
        host.boot();
        bench.publish("2");
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");
        Path disk = host.folder().resolve("disk.raw");
        assertTrue(Files.exists(disk), () -> "no disk in " + host.folder());
        String said = IMAGE.run("verify", disk, "--verity-cert", at("verity.crt.pem")).out();
        for (String slot : new String[] {"A", "B"}) {
            assertTrue(
                    said.contains("ok      slot " + slot + ", signature of the root hash"), said);
        }
    }

    private Path at(String name) {
        return folder.resolve(name);
    }
}
