package dev.flipside.boot.initrd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class GiveUpInitrdTest {
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
        assertTrue(service.contains("ExecStart=systemctl --force --force reboot\n"));
        assertTrue(
                service.contains(
                        "ConditionPathExists=/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f\n"));
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
