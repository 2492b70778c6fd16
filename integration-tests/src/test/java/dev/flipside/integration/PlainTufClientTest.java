package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.tuf.KeyScheme;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What python-tuf, the reference implementation, makes of a root that demands groups of keys. */
final class PlainTufClientTest {
    private static final String VERIFY =
            """
            import sys
            from tuf.api.metadata import Metadata
            root = Metadata.from_file(sys.argv[1])
            root.verify_delegate("root", root)
            root.verify_delegate("targets", Metadata.from_file(sys.argv[2]))
            print("verified")
            """;

    @TempDir Path folder;

    private String verify(byte[] root, byte[] targets) throws Exception {
        Path rootFile = Files.write(folder.resolve("root.json"), root);
        Path targetsFile = Files.write(folder.resolve("targets.json"), targets);
        Path script = Files.writeString(folder.resolve("verify.py"), VERIFY);
        Tools.Tool python = Tools.find("python3");
        return python.run(script, rootFile, targetsFile).output().strip();
    }

    @Test
    void verifiesTheClassicalPartOfAHybridRepository() throws Exception {
        TestMetadata repository = new TestMetadata();
        TestSigner quantum = TestSigner.random(KeyScheme.ML_DSA_65);
        repository.demand(Role.ROOT, quantum);
        repository.demand(Role.TARGETS, quantum);
        byte[] root = repository.rootFile(quantum);
        assertEquals("verified", verify(root, repository.targetsFile()));
    }

    @Test
    void verifiesTheKindsOfKeysThatItKnows() throws Exception {
        for (KeyScheme scheme :
                new KeyScheme[] {KeyScheme.ECDSA_P256, KeyScheme.ECDSA_P384, KeyScheme.RSA_PSS}) {
            TestMetadata repository = new TestMetadata();
            repository.signers.put(Role.TARGETS, java.util.List.of(TestSigner.random(scheme)));
            assertEquals(
                    "verified",
                    verify(repository.rootFile(), repository.targetsFile()),
                    scheme.code());
        }
    }
}
