package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.platform.ExternalPrograms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What systemd does without any Java when a boot is not good: units and their script. */
class GiveUpTest {
    private static final Path SYSROOT = Path.of("../updater/src/main/sysroot/usr/lib");
    private static final Path UNITS = SYSROOT.resolve("systemd/system");
    private static final String HASH = "ab".repeat(32);

    @TempDir Path folder;

    @BeforeEach
    void makeMachine() throws IOException {
        put("proc/cmdline", "root=x * roothash=" + HASH + " quiet\n");
        put("proc/sys/kernel/random/boot_id", "1234-5678\n");
        program(
                "systemctl",
                "case $* in *list-jobs*) echo '12 hang.service start running';\n"
                        + "echo '13 later.service start waiting';; *) echo 'bad.service loaded failed failed Bad';; esac");
        program("journalctl", "i=0; while [ $i -lt 5000 ]; do echo \"line $i\"; i=$((i+1)); done");
    }

    @Test
    void keepsWhatWasHeardAndReboots() throws Exception {
        assertEquals(1, giveUp("+2-1"));
        List<String> lines = Files.readAllLines(kept(1));
        assertEquals("rootHash " + HASH, lines.getFirst());
        assertEquals("unit bad.service failed", lines.get(1));
        assertEquals("unit hang.service is still in its start", lines.get(2));
        assertEquals("line 0", lines.get(3));
        assertTrue(Files.size(kept(1)) <= 16 << 10, () -> lines.size() + " lines");
    }

    @Test
    void rebootsOnTheLastTryAndWaitsForAnOperatorAfterIt() throws Exception {
        assertEquals(1, giveUp("+0-3"));
        Files.delete(kept(3));
        for (String counter : List.of("+0-4", "+0-1", "+0-30")) {
            assertEquals(0, giveUp(counter), counter);
            assertEquals(List.of(), names(folder.resolve("var/lib/flipside/trials")), counter);
        }
    }

    @Test
    void rebootsWhereNothingCanBeKeptOrAsked() throws Exception {
        Files.createDirectories(folder.resolve("var/lib"));
        Files.writeString(folder.resolve("var/lib/flipside"), "no folder");
        program("journalctl", "exit 3");
        program("systemctl", "kill -9 $$");
        assertEquals(1, giveUp("+2-1"));
    }

    @Test
    void whateverFailsIsAReboot() throws IOException {
        String service = read("flipside-give-up.service");
        assertTrue(service.contains("\nFailureAction=reboot-force\n"), service);
        assertTrue(
                service.contains(
                        "\nConditionPathExists=" + GiveUpInitrd.BOOT_COUNT_VARIABLE + "\n"));
        assertTrue(service.contains("\nTimeoutStartSec=30s\n"), service);
        assertFalse(service.contains("SuccessAction"), "a skipped unit succeeds");
        for (String target : List.of("boot-complete.target", "local-fs.target")) {
            String dropIn = read(target + ".d/50-flipside.conf");
            assertTrue(dropIn.contains("\nOnFailure=flipside-give-up.service\n"), dropIn);
            assertTrue(dropIn.contains("\nOnFailureJobMode=replace-irreversibly\n"), dropIn);
        }
    }

    @Test
    void theDeadlineOfTheBootLeavesTimeForAllThatMayBeSlowInIt() throws IOException {
        int boot = minutes("boot-complete.target.d/50-flipside.conf", "JobTimeoutSec");
        int growth = minutes("flipside-grow.service", "TimeoutStartSec");
        int checks = minutes("flipside-health.service", "TimeoutStartSec");
        assertEquals(List.of(30, 10, 11), List.of(boot, growth, checks));
        assertTrue(boot >= growth + checks + 5, "and for the rest of the boot");
    }

    private static int minutes(String unit, String key) throws IOException {
        Matcher line = Pattern.compile("(?m)^" + key + "=(\\d+)min$").matcher(read(unit));
        assertTrue(line.find(), unit);
        return Integer.parseInt(line.group(1));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String read(String unit) throws IOException {
        return Files.readString(UNITS.resolve(unit));
    }

    /** By its name, behind those of the tries before. */
    private Path kept(int tries) {
        return folder.resolve(
                "var/lib/flipside/trials/0000000012-%d-1234-5678.journal".formatted(tries));
    }

    private int giveUp(String counter) throws Exception {
        Path variable = folder.resolve(GiveUpInitrd.BOOT_COUNT_VARIABLE.substring(1));
        Files.createDirectories(variable.getParent());
        String path = "\6\0\\loader\\entries\\flipside-0000000012" + counter + ".conf\0";
        Files.write(variable, path.getBytes(StandardCharsets.UTF_16LE));
        String script =
                Files.readString(SYSROOT.resolve("flipside/give-up"))
                        .replaceAll("(?<![a-z])/(sys|proc|var)/", folder + "/$1/");
        Path file = Files.writeString(folder.resolve("give-up"), script);
        return ExternalPrograms.ofThisMachine()
                .run(
                        ExternalPrograms.Invocation.of(
                                        Duration.ofSeconds(30), List.of("/bin/sh", file.toString()))
                                .withEnvironment(
                                        Map.of("PATH", folder.resolve("bin") + ":/usr/bin:/bin")))
                .exitCode();
    }

    private void program(String name, String script) throws IOException {
        Path file = put("bin/" + name, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private Path put(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
