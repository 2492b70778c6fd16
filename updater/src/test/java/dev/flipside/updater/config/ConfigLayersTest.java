package dev.flipside.updater.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

final class ConfigLayersTest {
    private static final String IMAGE = "usr/lib/flipside/config.d/";
    private static final String OPERATOR = "etc/flipside/config.d/";
    private static final String MAIN = "etc/flipside/flipside.toml";

    @TempDir Path root;

    @BeforeEach
    void anImageWithDefaults() throws IOException {
        write(
                IMAGE + "10-image.toml",
                """
                [source]
                url = "http://localhost/repo"
                [host]
                product = "demo"
                [policy]
                channel = "of-the-image"
                """);
    }

    @Test
    void needsNoMainFileWhereThereAreDropIns() throws Exception {
        assertEquals("of-the-image", load().policy().channel());
        assertEquals(root.resolve(MAIN), load().file());
    }

    @Test
    void theMainFileGoesBeforeTheImageAndTheOperatorsDropInsBeforeBoth() throws Exception {
        write(MAIN, channel("of-the-main-file"));
        assertEquals("of-the-main-file", load().policy().channel());
        write(IMAGE + "99-image.toml", channel("of-the-image-too"));
        assertEquals("of-the-main-file", load().policy().channel());
        write(OPERATOR + "05-operator.toml", channel("of-the-operator"));
        assertEquals("of-the-operator", load().policy().channel());
        write(OPERATOR + "50-operator.toml", channel("of-the-operator-again"));
        assertEquals("of-the-operator-again", load().policy().channel());
        assertEquals("demo", load().host().product());
        assertEquals(
                List.of(
                        root.resolve(IMAGE + "10-image.toml"),
                        root.resolve(IMAGE + "99-image.toml"),
                        root.resolve(MAIN),
                        root.resolve(OPERATOR + "05-operator.toml"),
                        root.resolve(OPERATOR + "50-operator.toml")),
                ConfigFile.files(root.resolve(MAIN)));
    }

    @Test
    void anOperatorsDropInStandsForTheOneOfTheImageWithItsName() throws Exception {
        write(IMAGE + "20-channel.toml", channel("of-the-image-too"));
        assertEquals("of-the-image-too", load().policy().channel());
        write(OPERATOR + "20-channel.toml", "");
        assertEquals("of-the-image", load().policy().channel());
    }

    @Test
    void readsOnlyTomlFilesThatAreNotHidden() throws Exception {
        write(OPERATOR + "50-channel.toml.bak", channel("of-a-backup"));
        write(OPERATOR + ".50-channel.toml", channel("of-an-editor"));
        assertEquals("of-the-image", load().policy().channel());
    }

    @Test
    void aFileElsewhereTakesOnlyTheDropInsBesideIt() throws Exception {
        String own = "[source]\nurl = \"http://a\"\n[host]\nproduct = \"own\"\n";
        Path file = write("hosts/one.toml", own);
        assertEquals("stable", ConfigFile.load(file).policy().channel());
        write("hosts/config.d/1.toml", channel("beside") + "[host]\nstate = \"state\"\n");
        assertEquals("beside", ConfigFile.load(file).policy().channel());
        assertEquals(root.resolve("hosts/state"), ConfigFile.load(file).host().state());
    }

    @Test
    void saysInWhichFileAndLineSomethingIsWrong() throws Exception {
        Path dropIn = write(OPERATOR + "50.toml", "[policy]\n\nchanel = \"beta\"\n");
        assertRefused(dropIn + ", line 3: expected a known key, found [policy] chanel;");
        write(OPERATOR + "50.toml", "# none\n[limits]\nthreads = \"two\"\n");
        assertRefused(dropIn + ", line 3: expected a whole number above 0 in [limits] threads");
        write(OPERATOR + "50.toml", "[limits\n");
        assertRefused(dropIn + ", line ");
    }

    @Test
    void saysOfEachValueInWhichFileAndLineItStands() throws Exception {
        Path dropIn = write(OPERATOR + "50.toml", "\n[policy]\nreboot = \"window\"\n");
        List<ConfigValue> values = ConfigFile.values(root.resolve(MAIN));
        assertTrue(
                values.contains(
                        new ConfigValue("policy", "reboot", "\"window\"", dropIn + ", line 3")),
                values::toString);
        String image = root.resolve(IMAGE + "10-image.toml") + ", line 6";
        assertTrue(
                values.contains(new ConfigValue("policy", "channel", "\"of-the-image\"", image)),
                values::toString);
        assertTrue(
                values.contains(new ConfigValue("policy", "windows", "[]", "default")),
                values::toString);
    }

    @Test
    void isMissingWhereThereIsNoFileAtAll() {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> ConfigFile.load(root.resolve("etc/none/flipside.toml")));
        assertEquals(FailureCode.INPUT_MISSING, e.failure().code());
    }

    @Test
    void ofWhatTheOperatorWroteAllCountsOrNothing() throws Exception {
        write(MAIN, channel("of-the-main-file"));
        assertEquals("of-the-main-file", toRun().policy().channel());
        assertEquals(Optional.empty(), toRun().policy().misread());
        write(OPERATOR + "20-source.toml", "[source]\nurl = \"http://elsewhere\"\n");
        for (String wrong :
                List.of("[policy]\n\nchanel = \"beta\"\n", "[limits]\n\nthreads = 0\n", "\n\n[")) {
            Path file = write(OPERATOR + "50.toml", wrong);
            UpdaterConfig config = toRun();
            assertEquals("of-the-image", config.policy().channel());
            assertEquals("http://localhost/repo", config.source().url().toString());
            Failure misread = config.policy().misread().orElseThrow();
            assertEquals(file + ", line 3", misread.what());
        }
    }

    @Test
    void aHostCannotRunWhereTheImageBringsTooLittleOrIsWrongItself() throws Exception {
        write(OPERATOR + "50.toml", "[polcy]\n");
        write(IMAGE + "10-image.toml", "[host]\nproduct = \"demo\"\n");
        assertRefused("did you mean 'policy'?", this::toRun);
        write(OPERATOR + "50.toml", "");
        write(IMAGE + "10-image.toml", "[hots]\n");
        assertRefused("did you mean 'host'?", this::toRun);
        Path elsewhere = write("hosts/one.toml", "[polcy]\n");
        assertRefused("did you mean 'policy'?", () -> ConfigFile.loadToRun(elsewhere));
    }

    @Test
    void boundsHowManyDropInsThereAre() throws IOException {
        for (int i = 0; i < 257; i++) {
            write(OPERATOR + i + ".toml", "");
        }
        assertRefused("at most 256 files");
    }

    private void assertRefused(String part) {
        assertRefused(part, this::load);
    }

    private static void assertRefused(String part, Executable loading) {
        FlipsideException e = assertThrows(FlipsideException.class, loading);
        assertEquals(FailureCode.CONFIG_INVALID, e.failure().code());
        assertTrue(e.failure().line().contains(part), e.failure().line());
    }

    private static String channel(String name) {
        return "[policy]\nchannel = \"%s\"\n".formatted(name);
    }

    private UpdaterConfig load() throws FlipsideException {
        return ConfigFile.load(root.resolve(MAIN));
    }

    private UpdaterConfig toRun() throws FlipsideException {
        return ConfigFile.loadToRun(root.resolve(MAIN));
    }

    private Path write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
