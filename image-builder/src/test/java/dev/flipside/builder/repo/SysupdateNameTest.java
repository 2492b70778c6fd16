package dev.flipside.builder.repo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SysupdateNameTest {
    @TempDir Path folder;

    @Test
    void noPatternMatchesTheBeginningOfAnotherFilesName() throws Exception {
        Path release = TestRelease.of("1").writeTo(folder.resolve("release"));
        ReleaseManifest manifest =
                ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
        for (Artifact.Role pattern : SysupdateName.ROLES) {
            for (Artifact.Role name : SysupdateName.ROLES) {
                assertEquals(
                        pattern == name,
                        begins(
                                SysupdateName.pattern(manifest, pattern),
                                SysupdateName.of(manifest, name)),
                        pattern + " and the name of " + name);
            }
        }
    }

    /**
     * As systemd-sysupdate 257 matches: what follows after the end of the pattern is passed over.
     */
    private static boolean begins(String pattern, String name) {
        String expression =
                Pattern.quote(pattern)
                        .replace("@v", "\\E[a-z0-9.~-]+?\\Q")
                        .replace("@u", "\\E[0-9a-f-]{36}\\Q");
        return Pattern.compile(expression).matcher(name).lookingAt();
    }
}
