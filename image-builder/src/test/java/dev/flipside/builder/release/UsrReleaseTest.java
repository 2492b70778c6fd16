package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.uki.Uki;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Releases whose image is {@code /usr}. */
final class UsrReleaseTest {
    @TempDir Path folder;

    @Test
    void buildsAnImageOfUsrWithBootFilesFromAnywhere() throws Exception {
        BuildRequest root =
                ReleaseBuildTest.request(TestingRoot.tar().in(folder), "1", folder.resolve("usr"));
        Path out = folder.resolve("usr");
        ReleaseManifest manifest = ReleaseBuildTest.build(root.ofUsage(Usage.USR));
        assertEquals(
                List.of(
                        "blocks.index",
                        "blocks.pack",
                        "edge_1.efi",
                        "provenance.json",
                        "release.json",
                        "sbom.cdx.json",
                        "sbom.spdx.json",
                        "usr.img",
                        "usr.verity"),
                ReleaseBuildTest.names(out));
        assertEquals(Usage.USR, manifest.verity().usage());
        try (FileChannel image = FileChannel.open(out.resolve("usr.img"))) {
            ErofsReader reader = ErofsReader.open(RandomAccess.of(image));
            assertTrue(reader.find("/lib/os-release").isPresent());
            assertTrue(reader.find("/usr").isEmpty());
            assertTrue(reader.find("/etc").isEmpty());
        }
        Uki uki = Uki.read(RandomAccess.of(Files.readAllBytes(out.resolve("edge_1.efi"))));
        String commandLine = uki.text(".cmdline").orElseThrow();
        assertTrue(
                commandLine.startsWith("usrhash=" + manifest.verity().rootHash() + " "),
                commandLine);
        assertTrue(commandLine.contains(" root=tmpfs "), commandLine);
        assertFalse(commandLine.contains("roothash="), commandLine);
    }

    @Test
    void refusesUsrOfARootThatHasNone() throws Exception {
        Path rootfs = new TestingTar().directory("etc").in(folder);
        BuildRequest request =
                ReleaseBuildTest.request(rootfs, "1", folder.resolve("out")).ofUsage(Usage.USR);
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> ReleaseBuildTest.build(request));
        assertEquals(FailureCode.INPUT_MISSING, refusal.failure().code());
        assertEquals(List.of("root.tar"), ReleaseBuildTest.names(folder));
    }
}
