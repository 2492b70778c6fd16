package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarRootFileSystemTest {
    @TempDir Path folder;

    private RootFileSystem open(TestingTar tar) throws Exception {
        return RootFileSystem.open(tar.in(folder));
    }

    private static Inode find(RootFileSystem root, String latin1) {
        return root.tree().find(ByteString.of(TestingTar.bytes(latin1))).orElseThrow();
    }

    private static Map<Inode, String> contents(RootFileSystem root) throws Exception {
        Map<Inode, String> contents = new HashMap<>();
        root.forEachContent(
                (file, bytes) ->
                        contents.put(
                                file,
                                new String(bytes.readAllBytes(), StandardCharsets.ISO_8859_1)));
        return contents;
    }

    @Test
    void readsEveryKindOfEntry() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .directory("./")
                                .file("./f", "hello")
                                .hardLink("./g", "./f")
                                .symlink("./s", "f/../g")
                                .entry(new TestingTar.Header("./c", '3').device(5, 1), new byte[0])
                                .entry(
                                        new TestingTar.Header("./b", '4').device(4095, 1048575),
                                        new byte[0])
                                .entry(new TestingTar.Header("./p", '6'), new byte[0]));
        assertSame(find(root, "f"), find(root, "g"));
        assertEquals(2, root.tree().linkCount(find(root, "f")));
        assertEquals(Map.of(find(root, "f"), "hello"), contents(root));
        assertEquals(new InodeKind.Symlink(ByteString.utf8("f/../g")), find(root, "s").kind());
        assertEquals(new InodeKind.CharacterDevice(5, 1), find(root, "c").kind());
        assertEquals(new InodeKind.BlockDevice(4095, 1048575), find(root, "b").kind());
        assertEquals(new InodeKind.Fifo(), find(root, "p").kind());
    }

    @Test
    void keepsAttributesAsTheBytesTheyAre() throws Exception {
        String capability = "\1\0\0\2\0\u0080\u00ff\0\0\0\0\n\0\0\0\0=\0\0\0";
        RootFileSystem root =
                open(
                        new TestingTar()
                                .pax(
                                        "SCHILY.xattr.security.capability",
                                        capability,
                                        "SCHILY.xattr.user.empty",
                                        "",
                                        "SCHILY.xattr.user.a%3Db%25",
                                        "v",
                                        "RHT.security.selinux",
                                        "system_u:object_r:bin_t:s0",
                                        "SCHILY.acl.access",
                                        "user::rwx\ngroup::r-x\nother::r-x\n")
                                .file("f", ""));
        Map<ByteString, ByteString> xattrs = find(root, "f").attributes().xattrs();
        assertEquals(
                ByteString.of(TestingTar.bytes(capability)),
                xattrs.get(ByteString.utf8("security.capability")));
        assertEquals(ByteString.utf8(""), xattrs.get(ByteString.utf8("user.empty")));
        assertEquals(ByteString.utf8("v"), xattrs.get(ByteString.utf8("user.a=b%")));
        assertEquals(
                ByteString.utf8("system_u:object_r:bin_t:s0\0"),
                xattrs.get(ByteString.utf8("security.selinux")));
        assertEquals(4, xattrs.size());
    }

    @Test
    void readsTimesToTheNanosecondAndBefore1970() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .pax("mtime", "1700000000.1234567891")
                                .file("a", "")
                                .pax("mtime", "-1.5")
                                .file("b", "")
                                .pax("mtime", "5.")
                                .file("c", "")
                                .entry(
                                        new TestingTar.Header("d", '0')
                                                .raw(136, "\u00ff".repeat(11) + "\u00fe"),
                                        new byte[0]));
        assertEquals(
                Instant.ofEpochSecond(1_700_000_000, 123_456_789),
                find(root, "a").attributes().changed());
        assertEquals(
                Instant.ofEpochSecond(-2, 500_000_000), find(root, "b").attributes().changed());
        assertEquals(Instant.ofEpochSecond(5), find(root, "c").attributes().changed());
        assertEquals(Instant.ofEpochSecond(-2), find(root, "d").attributes().changed());
        assertEquals(Instant.ofEpochSecond(1_700_000_000, 123_456_789), root.newestChange());
    }

    @Test
    void readsLargeOwnersInBothForms() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .pax("uid", "4294967295", "gid", "3000000000")
                                .file("pax", "")
                                .entry(
                                        new TestingTar.Header("gnu", '0')
                                                .raw(108, "\u0080\0\0\0\u00b2\u00d0^\0"),
                                        new byte[0]));
        assertEquals(4294967295L, find(root, "pax").attributes().uid());
        assertEquals(3000000000L, find(root, "pax").attributes().gid());
        assertEquals(3000000000L, find(root, "gnu").attributes().uid());
    }

    @Test
    void keepsNamesThatAreNotTextInEveryForm() throws Exception {
        String longName = "d/" + "\u00e9".repeat(200) + "\u00ff";
        RootFileSystem root =
                open(
                        new TestingTar()
                                .file("ustar-\u00e4\u00ff", "1")
                                .pax("path", longName)
                                .file("x", "2")
                                .rawExtension('L', "g/" + longName + "\0")
                                .rawExtension('K', "\u00fe".repeat(300) + "\0")
                                .symlink("x", "y")
                                .entry(
                                        new TestingTar.Header("tail", '0')
                                                .raw(345, "some/pre\u00e4fix"),
                                        new byte[0]));
        Map<Inode, String> contents = contents(root);
        assertEquals("1", contents.get(find(root, "ustar-\u00e4\u00ff")));
        assertEquals("2", contents.get(find(root, longName)));
        assertEquals(
                new InodeKind.Symlink(ByteString.of(TestingTar.bytes("\u00fe".repeat(300)))),
                find(root, "g/" + longName).kind());
        assertTrue(find(root, "some/pre\u00e4fix/tail").kind() instanceof InodeKind.RegularFile);
    }

    @Test
    void aGlobalHeaderHoldsForAllThatFollowsUntilAnotherSaysElse() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .globalPax("mtime", "7", "comment", "from git")
                                .file("a", "")
                                .pax("mtime", "8")
                                .file("b", "")
                                .file("c", ""));
        assertEquals(Instant.ofEpochSecond(7), find(root, "a").attributes().changed());
        assertEquals(Instant.ofEpochSecond(8), find(root, "b").attributes().changed());
        assertEquals(Instant.ofEpochSecond(7), find(root, "c").attributes().changed());
    }

    @Test
    void aLaterEntryReplacesAnEarlierOne() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .directory("d")
                                .file("d/f", "old")
                                .hardLink("kept", "d/f")
                                .file("./d//f", "newer")
                                .entry(new TestingTar.Header("d/", '5').mode(0700), new byte[0])
                                .symlink("l", "x")
                                .file("l", "a file now"));
        assertEquals(
                Map.of(
                        find(root, "kept"), "old",
                        find(root, "d/f"), "newer",
                        find(root, "l"), "a file now"),
                contents(root));
        assertEquals(0700, find(root, "d").attributes().permissions());
        assertEquals(1, root.tree().linkCount(find(root, "d/f")));
    }

    @Test
    void contentsThatWereReplacedAreNotHandedOut() throws Exception {
        RootFileSystem root = open(new TestingTar().file("f", "old").file("f", "new"));
        assertEquals(Map.of(find(root, "f"), "new"), contents(root));
    }

    @Test
    void missingParentsAreMadeWithTheNewestTime() throws Exception {
        RootFileSystem root =
                open(new TestingTar().pax("mtime", "99.5").file("usr/lib/f", "").directory("usr"));
        Inode lib = find(root, "usr/lib");
        assertEquals(0755, lib.attributes().permissions());
        assertEquals(Instant.ofEpochSecond(99, 500_000_000), lib.attributes().changed());
        assertEquals(lib.attributes(), find(root, "").attributes());
        assertEquals(Instant.ofEpochSecond(1), find(root, "usr").attributes().changed());
    }

    @Test
    void anEmptyArchiveIsAnEmptyRoot() throws Exception {
        FileTree tree = open(new TestingTar()).tree();
        assertEquals(1, tree.inodes().size());
        assertEquals(Instant.EPOCH, tree.root().attributes().changed());
    }

    @Test
    void readsV7HeadersAndDirectoriesBySlash() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .entry(
                                        new TestingTar.Header("d/", '\0').raw(257, "\0".repeat(8)),
                                        new byte[0])
                                .entry(
                                        new TestingTar.Header("d/f", '\0')
                                                .raw(257, "\0".repeat(8))
                                                .size(2),
                                        TestingTar.bytes("v7")));
        assertTrue(find(root, "d").isDirectory());
        assertEquals(Map.of(find(root, "d/f"), "v7"), contents(root));
    }

    @Test
    void readsWhatAnotherWriterOfPaxAndGnuArchivesMakes() throws Exception {
        for (boolean posix : new boolean[] {true, false}) {
            Path tar = folder.resolve(posix + ".tar");
            String name = "a-directory-with-a-name/".repeat(12) + "file";
            writeWithCommonsCompress(tar, posix, name);
            RootFileSystem root = RootFileSystem.open(tar);
            assertEquals(Map.of(find(root, name), "contents"), contents(root));
            assertEquals(5_000_000, find(root, name).attributes().uid());
            assertEquals(Instant.ofEpochSecond(-3), find(root, name).attributes().changed());
        }
    }

    private static void writeWithCommonsCompress(Path tar, boolean posix, String name)
            throws IOException {
        try (OutputStream file = Files.newOutputStream(tar);
                TarArchiveOutputStream out = new TarArchiveOutputStream(file, "UTF-8")) {
            out.setLongFileMode(
                    posix
                            ? TarArchiveOutputStream.LONGFILE_POSIX
                            : TarArchiveOutputStream.LONGFILE_GNU);
            out.setBigNumberMode(
                    posix
                            ? TarArchiveOutputStream.BIGNUMBER_POSIX
                            : TarArchiveOutputStream.BIGNUMBER_STAR);
            TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL);
            entry.setSize(8);
            entry.setUserId(5_000_000);
            entry.setLastModifiedTime(java.nio.file.attribute.FileTime.fromMillis(-3000));
            out.putArchiveEntry(entry);
            out.write(TestingTar.bytes("contents"));
            out.closeArchiveEntry();
        }
    }
}
