package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.builder.provenance.TreeDigest;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.format.RandomAccess;
import java.io.ByteArrayOutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** The recipe of {@code docs/reference/recipe.md}, and recipes that are refused. */
class RecipeTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final Path REFERENCE = Path.of("../docs/reference/recipe.md");
    private static final String MODULE = "usr/lib/modules/6.12.0-small/kernel/a.ko";

    @TempDir Path folder;

    @BeforeEach
    void writeRootAndOverlay() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (XZOutputStream xz = new XZOutputStream(packed, new LZMA2Options(1))) {
            xz.write("module".getBytes(StandardCharsets.US_ASCII));
        }
        SmallRoot.of("1")
                .with(MODULE + ".xz", packed.toByteArray())
                .with("usr/lib/modules/6.12.0-small/modules.dep", "kernel/a.ko.xz:\n")
                .with("usr/share/doc/small/README", "read me")
                .with("etc/time.conf", "theirs")
                .writeTar(folder.resolve("root.tar"));
        Files.createDirectories(folder.resolve("files/etc"));
        Files.writeString(folder.resolve("files/etc/time.conf"), "ours");
    }

    /** The first block of TOML in the reference. */
    private static String example() throws Exception {
        String text = Files.readString(REFERENCE);
        int start = text.indexOf("```toml\n") + 8;
        return text.substring(start, text.indexOf("```", start));
    }

    private Object[] arguments(String recipe, Object... more) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of("build", "--recipe"));
        arguments.add(Files.writeString(folder.resolve("image.toml"), recipe));
        arguments.addAll(List.of("--version", "1", "--pack-level", "1"));
        arguments.addAll(List.of("--out", folder.resolve("out")));
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }

    @Test
    void buildsWhatTheReferenceShowsAndInspectTellsAllOfIt() throws Exception {
        Path out = folder.resolve("out");
        IMAGE.check(arguments(example(), "--exclude", "/usr/share/small/0[0-4]"));
        try (FileChannel image = FileChannel.open(out.resolve("root.img"))) {
            ErofsReader reader = ErofsReader.open(RandomAccess.of(image));
            assertTrue(reader.find("/usr/share/doc/small").isEmpty());
            assertTrue(reader.find("/usr/share/small/03").isEmpty());
            assertTrue(reader.find("/usr/share/small/05").isPresent());
            assertTrue(reader.find("/" + MODULE).isPresent());
            assertEquals(4, reader.find("/etc/time.conf").orElseThrow().sizeBytes());
        }

        String table = IMAGE.check("inspect", out);
        JsonNode json = Workbench.parse(IMAGE.check("inspect", out, "--json").strip());
        List<String> seen = new ArrayList<>();
        for (JsonNode it : json.path("deviations")) {
            seen.add(it.path("kind").textValue() + " " + it.path("what").textValue());
            String why = it.path("why").asText("no reason given");
            assertTrue(table.contains(it.path("what").textValue()), table);
            assertTrue(table.contains(why), table);
            assertEquals(it.path("what").textValue().contains("[0-4]"), !it.has("why"), "" + it);
        }
        assertEquals(
                List.of(
                        "exclude /usr/share/doc/**",
                        "overlay files",
                        "decompress-modules *.ko.*",
                        "kernel-option console=ttyS0",
                        "exclude /usr/share/small/0[0-4]"),
                seen);
        assertTrue(json.at("/uki/commandLine").textValue().contains(" console=ttyS0"));
        assertEquals("dirHash:" + dirHash(), json.at("/deviations/1/digest").textValue());
        assertTrue(table.contains(dirHash()), table);
    }

    private static String dirHash() {
        byte[] file = TreeDigest.sha256().digest("ours".getBytes(StandardCharsets.US_ASCII));
        String line = HexFormat.of().formatHex(file) + "  etc/time.conf\n";
        byte[] all = TreeDigest.sha256().digest(line.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(all);
    }

    private void refuses(FailureCode code, String recipe, String... wanted) throws Exception {
        String line = IMAGE.refuses(code, arguments(recipe));
        for (String part : wanted) {
            assertTrue(line.contains(part), line);
        }
        assertEquals(
                List.of("files", "image.toml", "root.tar"),
                Workbench.names(folder).stream().filter(name -> !name.startsWith("c")).toList());
    }

    private static final String HEAD = "[image]\nrootfs = \"root.tar\"\nproduct = \"edge\"\n";

    @Test
    void refusesARecipeWithItsLineAndLeavesNothing() throws Exception {
        FailureCode invalid = FailureCode.CONFIG_INVALID;
        refuses(invalid, HEAD + "securty-version = 2\n", "line 4", "'security-version'?");
        refuses(invalid, HEAD + "[[exclude]]\nglop = \"x\"\nwhy = \"y\"\n", "line 5", "'glob'?");
        refuses(invalid, HEAD + "[[exclude]]\nglob = \"/etc/*\"\n", "line 4", "'why'");
        refuses(invalid, HEAD + "[[overlay]]\npath = \"files\"\n", "line 4", "'why'");
        refuses(invalid, HEAD + "x = = 2\n", "line 4");
    }

    @Test
    void refusesWhatARecipeAsksForAndTheRootHasNot() throws Exception {
        FailureCode argument = FailureCode.ARGUMENT_INVALID;
        refuses(
                argument,
                HEAD + "[[exclude]]\nglob = \"/usr/share/dco\"\nwhy = \"w\"\n",
                "exclusion '/usr/share/dco'",
                "found nothing");
        String overlay = HEAD + "[[overlay]]\npath = \"files\"\nwhy = \"w\"\n";
        Files.delete(folder.resolve("files/etc/time.conf"));
        Files.delete(folder.resolve("files/etc"));
        Files.writeString(folder.resolve("files/etc"), "a file");
        refuses(argument, overlay, "at '/etc'", "found a directory");
        Files.delete(folder.resolve("files/etc"));
        Files.createDirectories(folder.resolve("files/etc/time.conf"));
        refuses(argument, overlay, "at '/etc/time.conf'", "expected a directory there");
        refuses(
                FailureCode.INPUT_MISSING,
                HEAD + "[[overlay]]\npath = \"fils\"\nwhy = \"w\"\n",
                "fils'",
                "nothing there");
    }

    @Test
    void refusesALineOfContextsWithItsNumber() throws Exception {
        String recipe = HEAD + "[selinux-contexts]\nfile = \"contexts\"\nwhy = \"w\"\n";
        Path contexts = folder.resolve("contexts");
        for (Map.Entry<String, String> bad :
                Map.of(
                                "/etc(/.*)? -x a:b:c:s0", "'-x'",
                                "/etc(/.* a:b:c:s0", "'/etc(/.*'",
                                "/etc", "'/etc'")
                        .entrySet()) {
            Files.writeString(contexts, "/usr a:b:c:s0\n\n" + bad.getKey() + "\n");
            refuses(FailureCode.CONFIG_INVALID, recipe, "contexts, line 3", bad.getValue());
        }
        Files.writeString(contexts, "/.* a:b:c:s0\n");
        IMAGE.check(arguments(recipe));
        assertFalse(IMAGE.check("inspect", folder.resolve("out")).contains("no reason"));
    }
}
