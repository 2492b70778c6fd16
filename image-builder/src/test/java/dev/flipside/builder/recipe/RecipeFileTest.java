package dev.flipside.builder.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecipeFileTest {
    private static final String WHOLE =
            """
            [image]
            rootfs = "root.tar"
            product = "edge"
            verity = "usr"
            security-version = 3
            slot-size = "1GiB"
            compress = "zstd"

            [[kernel-option]]
            option = "console=ttyS0"
            why = "the board has no screen"

            [[overlay]]
            path = "files"
            why = "the fleet's time server"

            [[exclude]]
            glob = "/usr/share/doc/**"
            why = "nobody reads it on a host"
            [[exclude]]
            glob = "/usr/share/man"
            why = "the same"

            [selinux-contexts]
            file = "policy/file_contexts"
            why = "the fleet is enforcing"

            [decompress-modules]
            why = "smaller updates"
            """;

    @TempDir private Path folder;

    private RecipeFile read(String text) throws IOException, FlipsideException {
        return RecipeFile.read(Files.writeString(folder.resolve("image.toml"), text));
    }

    private void assertRefused(String text, String... parts) {
        FlipsideException refusal = assertThrows(FlipsideException.class, () -> read(text));
        String line = refusal.failure().line();
        assertEquals(FailureCode.CONFIG_INVALID, refusal.failure().code(), line);
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.startsWith(folder.resolve("image.toml").toString()), line);
        for (String part : parts) {
            assertTrue(line.contains(part), line + " has " + part);
        }
    }

    @Test
    void readsEveryKey() throws Exception {
        RecipeFile read = read(WHOLE);
        assertEquals(
                new RecipeFile.Settings(
                        Optional.of(folder.resolve("root.tar")),
                        Optional.of("edge"),
                        Optional.of("usr"),
                        Optional.of(3),
                        Optional.of("1GiB"),
                        Optional.of("zstd")),
                read.settings());
        assertEquals(
                List.of(
                        "exclude /usr/share/doc/** nobody reads it on a host",
                        "exclude /usr/share/man the same",
                        "overlay files the fleet's time server",
                        "decompress-modules *.ko.* smaller updates",
                        "selinux-contexts policy/file_contexts the fleet is enforcing",
                        "kernel-option console=ttyS0 the board has no screen"),
                read.recipe().changes().stream()
                        .map(
                                change ->
                                        change.kind().code()
                                                + (" " + change.subject())
                                                + (" " + change.why().orElseThrow()))
                        .toList());
        assertEquals(List.of(folder.resolve("files")), read.recipe().files(Kind.OVERLAY));
        assertEquals("console=ttyS0", read.recipe().kernelOptions());
    }

    @Test
    void keepsWhatIsSaidOfAChange() throws Exception {
        assertEquals(
                "{\"kind\":\"exclude\",\"subject\":\"/usr/share/doc/**\",\"why\":\"nobody reads it"
                        + " on a host\"}",
                read(WHOLE).recipe().changes().getFirst().json().toString());
    }

    @Test
    void refusesAChangeWithoutAReason() {
        for (String reason : List.of("the board has no screen", "smaller updates", "the same")) {
            String line = "why = \"" + reason + "\"\n";
            assertTrue(WHOLE.contains(line), reason);
            assertRefused(WHOLE.replace(line, ""), "expected 'why' in [", "found none");
            assertRefused(WHOLE.replace(line, "why = \" \"\n"), "expected 'why' in [", "empty");
        }
    }

    @Test
    void namesTheLineOfAChangeWithoutAReason() {
        assertRefused(WHOLE.replace("why = \"the same\"\n", ""), "image.toml, line 20: ");
    }

    @Test
    void refusesAKeyOrTableThatItDoesNotKnow() {
        assertRefused(
                WHOLE.replace("glob = \"/usr/share/man\"", "glop = \"x\""),
                "line 21",
                "'glop'",
                "did you mean 'glob'?");
        assertRefused(WHOLE.replace("verity", "verify"), "line 4", "did you mean 'verity'?");
        assertRefused(
                WHOLE.replace("[selinux-contexts]", "[selinux]"), "line 24", "'selinux-contexts'?");
        assertRefused("title = \"x\"\n" + WHOLE, "expected a known table");
    }

    @Test
    void refusesValuesOfAnotherKind() {
        assertRefused(WHOLE.replace("\"edge\"", "7"), "line 3", "a string", "found 7");
        assertRefused(WHOLE.replace("version = 3", "version = \"3\""), "line 5", "whole number");
        assertRefused(WHOLE.replace("version = 3", "version = 0"), "line 5", "from 1");
        assertRefused(WHOLE.replace("\"files\"", "[\"files\"]"), "line 14", "a string");
        assertRefused(WHOLE.replace("why = \"the same\"", "why = 5"), "a string");
        assertRefused("[exclude]\nglob = \"x\"\nwhy = \"y\"\n", "line 1", "tables [[exclude]]");
        assertRefused("overlay = 5\n", "tables [[overlay]]");
        assertRefused("overlay = [5]\n", "a table [overlay]");
        assertRefused("[[decompress-modules]]\nwhy = \"y\"\n", "line 1", "a table");
        assertRefused("image = 1\n", "a table [image]");
        assertRefused("[[overlay]]\npath = \"a\\u0000b\"\nwhy = \"y\"\n", "line 2", "a path");
    }

    @Test
    void refusesWhatIsNoToml() {
        assertRefused("[image\n", "expected TOML");
        assertRefused(WHOLE + "[image]\n", "expected TOML");
    }

    @Test
    void refusesARecipeThatIsNotThere() {
        FlipsideException refusal =
                assertThrows(
                        FlipsideException.class, () -> RecipeFile.read(folder.resolve("none")));
        assertEquals(FailureCode.INPUT_MISSING, refusal.failure().code());
    }
}
