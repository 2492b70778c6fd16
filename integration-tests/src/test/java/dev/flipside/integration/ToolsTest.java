package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opentest4j.AssertionFailedError;

class ToolsTest {
    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "mkfs.erofs, --version, erofs-utils",
        "fsck.erofs, --version, erofs-utils",
        "dump.erofs, --version, erofs-utils",
        "veritysetup, --version, veritysetup",
        "sgdisk, --version, GPT fdisk",
        "fsck.vfat, --help, Check FAT",
        "mkfs.vfat, --help, mkfs.fat",
        "mdir, --version, GNU mtools",
        "systemd-dissect, --version, systemd 2",
        "ukify, --version, ukify",
        "objdump, --version, GNU objdump",
        "nginx, -v, nginx version",
    })
    void everyToolStartsAndSaysWhatItIs(String name, String option, String expected) {
        String output = Tools.find(name).run(option).output();
        assertTrue(output.contains(expected), output);
    }

    @Test
    void fatToolsKnowTheirCodePages() throws Exception {
        Path image = folder.resolve("fat.img");
        Path file = Files.writeString(folder.resolve("a long name"), "content");
        Tools.find("mkfs.vfat").check("-C", "-F", "32", image, "40960");
        Tools.find("mcopy").check("-i", image, file, "::/a long name");
        Tools.find("fsck.vfat").check("-n", image);
        assertEquals("content", Tools.find("mtype").check("-i", image, "::/a long name"));
    }

    @Test
    void ukifyReadsPeFilesWithItsOwnPython() throws Exception {
        Path file = Files.writeString(folder.resolve("not-a-uki"), "no PE");
        String output = Tools.find("ukify").run("inspect", file).output();
        assertTrue(output.contains("PEFormatError"), output);
    }

    @Test
    void aMissingToolFailsTheTestAndSaysHowToGetIt() {
        AssertionFailedError failure =
                assertThrows(AssertionFailedError.class, () -> Tools.find("no-such-tool"));
        assertTrue(
                failure.getMessage().endsWith("run integration-tests/tool-tree [input-missing]"),
                failure.getMessage());
    }
}
