package dev.flipside.boot.initrd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.platform.ExternalPrograms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GiveUpInitrdTest {
    @TempDir Path folder;

    @Test
    void coversEveryTargetOfTheInitrdThatCanFail() {
        Map<String, String> files = unpack(GiveUpInitrd.bytes());
        for (String target : List.of("initrd-root-fs", "initrd-usr-fs", "initrd-fs", "initrd")) {
            String dropIn =
                    files.get(
                            "etc/systemd/system/%s.target.d/50-flipside-give-up.conf"
                                    .formatted(target));
            assertTrue(dropIn.contains("OnFailure=flipside-give-up.service\n"), target);
            assertTrue(dropIn.contains("OnFailureJobMode=replace-irreversibly"), target);
        }
    }

    @Test
    void rebootsOnlyWhereTheLoaderCounts() {
        String service =
                unpack(GiveUpInitrd.bytes()).get("etc/systemd/system/flipside-give-up.service");
        assertTrue(service.contains("FailureAction=reboot-immediate\n"));
        assertTrue(
                service.contains(
                        "ConditionPathExists=/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f\n"));
    }

    @Test
    void rebootsByCountedBootsOnlyThatHadTriesLeft() throws Exception {
        String service = "flipside-give-up.service";
        assertEquals(1, run(service, "\\loader\\entries\\flipside-0000000012+2-1.conf"));
        assertEquals(1, run(service, "\\loader\\entries\\flipside-0000000012+0-3.conf"));
        assertEquals(0, run(service, "\\loader\\entries\\flipside-0000000012+0-4.conf"));
        assertEquals(0, run(service, "\\loader\\entries\\flipside-0000000012+0-2.conf"));
        assertEquals(0, run(service, "\\loader\\entries\\flipside-0000000012+0-30.conf"));
        assertEquals(1, run(service, ""), "a variable that says nothing");
    }

    @Test
    void keepsABootThatNothingCanFollowFromRebootingByItself() throws Exception {
        String service = "flipside-last-resort.service";
        Path watchdog = folder.resolve("run/systemd/system.conf.d/90-flipside.conf");
        for (String name : List.of("+2-1", "+0-3")) {
            run(service, "\\loader\\entries\\flipside-0000000012" + name + ".conf");
            assertFalse(Files.exists(watchdog), name);
            assertEquals("10\n", Files.readString(folder.resolve("proc/sys/kernel/panic")), name);
        }
        run(service, "\\loader\\entries\\flipside-0000000012+0-4.conf");
        assertEquals("[Manager]\nRuntimeWatchdogSec=0\n", Files.readString(watchdog));
        assertEquals("0\n", Files.readString(folder.resolve("proc/sys/kernel/panic")));
        String wants =
                unpack(GiveUpInitrd.bytes())
                        .get("etc/systemd/system/sysinit.target.d/50-flipside-last-resort.conf");
        assertEquals("[Unit]\nWants=flipside-last-resort.service\n", wants);
    }

    /** The shell's part of a service, as systemd starts it, with a folder for the machine. */
    private int run(String service, String countPath) throws Exception {
        Path variable =
                folder.resolve(
                        "sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
        Path panic = folder.resolve("proc/sys/kernel/panic");
        Files.createDirectories(variable.getParent());
        Files.createDirectories(panic.getParent());
        Files.writeString(panic, "10\n");
        Files.write(variable, ("\6\0" + countPath + "\0").getBytes(StandardCharsets.UTF_16LE));
        String unit = unpack(GiveUpInitrd.bytes()).get("etc/systemd/system/" + service);
        Matcher command =
                Pattern.compile("ExecStart=-?/bin/sh -c '(.*?)'", Pattern.DOTALL).matcher(unit);
        assertTrue(command.find(), unit);
        // systemd's own quoting: $$ is $, a backslash goes on with the next line, \\n is \n.
        String script =
                command.group(1)
                        .replace("$$", "$")
                        .replace("\\\n", " ")
                        .replace("\\\\n", "\\n")
                        .replace("/sys/firmware", folder + "/sys/firmware")
                        .replace("/proc/", folder + "/proc/")
                        .replace("/run/", folder + "/run/");
        return ExternalPrograms.ofThisMachine()
                .run(
                        ExternalPrograms.Invocation.of(
                                Duration.ofSeconds(20), List.of("/bin/sh", "-c", script)))
                .exitCode();
    }

    @Test
    void isTheSameOnEveryCallAndCanFollowAnotherArchive() {
        assertArrayEquals(GiveUpInitrd.bytes(), GiveUpInitrd.bytes());
        assertEquals(0, GiveUpInitrd.bytes().length % 4);
    }

    @Test
    void namesEachFolderBeforeWhatIsInIt() {
        List<String> names = new ArrayList<>();
        byte[] archive = new CpioArchive().add("a/b/c", "1").add("a/d", "2").bytes();
        walk(archive, (name, content) -> names.add(name));
        assertEquals(List.of("a", "a/b", "a/b/c", "a/d"), names);
    }

    @Test
    void refusesPathsThatNameNoFile() {
        for (String path : List.of("", "/a", "a/")) {
            assertThrows(IllegalArgumentException.class, () -> new CpioArchive().add(path, "x"));
        }
    }

    private static Map<String, String> unpack(byte[] archive) {
        Map<String, String> files = new TreeMap<>();
        walk(archive, files::put);
        return files;
    }

    private static void walk(byte[] archive, BiConsumer<String, String> file) {
        int at = 0;
        while (true) {
            String header = new String(archive, at, 110, StandardCharsets.US_ASCII);
            assertEquals("070701", header.substring(0, 6));
            int size = Integer.parseInt(header.substring(54, 62), 16);
            int nameSize = Integer.parseInt(header.substring(94, 102), 16);
            String name = new String(archive, at + 110, nameSize - 1, StandardCharsets.US_ASCII);
            int content = (at + 110 + nameSize + 3) / 4 * 4;
            if (name.equals("TRAILER!!!")) {
                assertEquals(archive.length, content);
                return;
            }
            file.accept(name, new String(archive, content, size, StandardCharsets.UTF_8));
            at = (content + size + 3) / 4 * 4;
        }
    }
}
