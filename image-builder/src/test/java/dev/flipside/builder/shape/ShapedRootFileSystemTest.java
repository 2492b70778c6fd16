package dev.flipside.builder.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.flipside.builder.recipe.Change;
import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class ShapedRootFileSystemTest {
    private static final String MODULES = "usr/lib/modules/6.1";

    @TempDir private Path folder;

    private RootFileSystem shaped(TestingTar tar, Change... changes)
            throws IOException, FlipsideException {
        return ShapedRootFileSystem.of(
                RootFileSystem.open(tar.in(folder)), new Recipe(List.of(changes)));
    }

    private static Change exclude(String glob) {
        return new Change(Kind.EXCLUDE, glob, Optional.empty(), Optional.empty());
    }

    private static Change overlay(Path path) {
        return new Change(Kind.OVERLAY, "overlay", Optional.of(path), Optional.empty());
    }

    private static Change decompress() {
        return new Change(Kind.DECOMPRESS_MODULES, "", Optional.empty(), Optional.empty());
    }

    private static TestingTar root() {
        return new TestingTar()
                .directory("etc")
                .file("etc/hostname", "old")
                .file("etc/machine-id", "")
                .symlink("lib", "usr/lib")
                .directory("usr")
                .directory("usr/lib")
                .directory("usr/share")
                .directory("usr/share/doc")
                .file("usr/share/doc/README", "read me")
                .hardLink("usr/share/again", "usr/share/doc/README");
    }

    private static Inode at(RootFileSystem rootfs, String path) {
        return rootfs.tree().find(ByteString.utf8(path)).orElseThrow();
    }

    private static boolean has(RootFileSystem rootfs, String path) {
        return rootfs.tree().find(ByteString.utf8(path)).isPresent();
    }

    /** The contents that come in the second pass, by the first path of each file. */
    private static Map<String, String> contents(RootFileSystem rootfs)
            throws IOException, FlipsideException {
        TreeMap<String, String> contents = new TreeMap<>();
        rootfs.forEachContent(
                (file, bytes) -> {
                    String path = rootfs.tree().pathOf(file).toString();
                    byte[] all = bytes.readAllBytes();
                    assertEquals(new InodeKind.RegularFile(all.length), file.kind(), path);
                    String text = new String(all, StandardCharsets.ISO_8859_1);
                    assertEquals(null, contents.put(path, text), path);
                });
        return contents;
    }

    private Path file(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static String refusal(org.junit.jupiter.api.function.Executable executable) {
        return assertThrows(FlipsideException.class, executable).failure().line();
    }

    @Test
    void leavesOutWhatMatchesAndAllBelow() throws Exception {
        RootFileSystem shaped = shaped(root(), exclude("/usr/share/doc"));
        assertFalse(has(shaped, "usr/share/doc"));
        assertEquals("{/etc/hostname=old, /usr/share/again=read me}", contents(shaped).toString());
        assertEquals(1, shaped.tree().linkCount(at(shaped, "usr/share/again")));
    }

    @Test
    void forgetsContentsThatNoNameHasLeft() throws Exception {
        RootFileSystem shaped = shaped(root(), exclude("/usr/share/doc/*"), exclude("**/again"));
        assertTrue(has(shaped, "usr/share/doc"));
        assertEquals("{/etc/hostname=old}", contents(shaped).toString());
    }

    @Test
    void refusesAnExclusionThatMatchesNothing() throws Exception {
        String line = refusal(() -> shaped(root(), exclude("/usr"), exclude("/usr/share/dog")));
        assertTrue(line.startsWith("exclusion '/usr/share/dog': expected something"), line);
        shaped(root(), exclude("/usr"), exclude("/usr/share/doc"));
    }

    @Test
    void takesNoTimeFromWhatIsLeftOut() throws Exception {
        Path tree = folder.resolve("tree");
        file("tree/kept", "kept");
        file("tree/log", "log");
        FileTime old = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(tree.resolve("kept"), old);
        Files.setLastModifiedTime(tree, old);
        RootFileSystem shaped =
                ShapedRootFileSystem.of(
                        RootFileSystem.open(tree), new Recipe(List.of(exclude("log"))));
        assertEquals(old.toInstant(), shaped.newestChange());
    }

    @Test
    void laysFilesOverTheRoot() throws Exception {
        file("over/etc/hostname", "new");
        Path script = file("over/usr/lib/own/run", "run");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(folder.resolve("over/etc/machine-id"), Path.of("../run/id"));
        RootFileSystem shaped = shaped(root(), overlay(folder.resolve("over")));
        assertEquals(
                "{/etc/hostname=new, /usr/lib/own/run=run, /usr/share/again=read me}",
                contents(shaped).toString());
        Inode run = at(shaped, "usr/lib/own/run");
        assertEquals(0750, run.attributes().permissions());
        assertEquals(0, run.attributes().uid());
        assertEquals(at(shaped, "etc").attributes().changed(), run.attributes().changed());
        assertTrue(at(shaped, "etc/machine-id").kind() instanceof InodeKind.Symlink);
    }

    @Test
    void givesTheSameImageForEveryCheckoutOfAnOverlay() throws Exception {
        Path one = file("over/etc/motd", "hello");
        RootFileSystem before = shaped(root(), overlay(folder.resolve("over")));
        Files.setLastModifiedTime(one, FileTime.fromMillis(1));
        RootFileSystem after = shaped(root(), overlay(folder.resolve("over")));
        assertEquals(at(before, "etc/motd").attributes(), at(after, "etc/motd").attributes());
        assertEquals(before.newestChange(), after.newestChange());
    }

    @Test
    void keepsTheDirectoriesThatAreThere() throws Exception {
        Path etc = folder.resolve("over/etc");
        Files.createDirectories(etc);
        Files.setPosixFilePermissions(etc, PosixFilePermissions.fromString("rwx------"));
        RootFileSystem shaped = shaped(root(), overlay(folder.resolve("over")));
        assertEquals(0755, at(shaped, "etc").attributes().permissions());
    }

    @Test
    void laysLaterOverlaysOverEarlierOnes() throws Exception {
        file("one/etc/hostname", "one");
        file("two/etc/hostname", "two");
        RootFileSystem shaped =
                shaped(root(), overlay(folder.resolve("one")), overlay(folder.resolve("two")));
        assertEquals("two", contents(shaped).get("/etc/hostname"));
    }

    @Test
    void bringsBackWhatWasLeftOut() throws Exception {
        file("over/usr/share/doc/LICENSE", "free");
        RootFileSystem shaped =
                shaped(root(), overlay(folder.resolve("over")), exclude("/usr/share/doc"));
        assertEquals("free", contents(shaped).get("/usr/share/doc/LICENSE"));
        assertFalse(has(shaped, "usr/share/doc/README"));
    }

    @Test
    void takesAnArchiveAsItsOwnersWroteIt() throws Exception {
        Path archive =
                Files.write(
                        folder.resolve("over.tar"),
                        new TestingTar().directory("etc").file("etc/own", "own").finished());
        RootFileSystem shaped = shaped(root(), overlay(archive));
        assertEquals(0644, at(shaped, "etc/own").attributes().permissions());
        assertEquals(1, at(shaped, "etc/own").attributes().changed().getEpochSecond());
        assertEquals("own", contents(shaped).get("/etc/own"));
    }

    @Test
    void refusesAnOverlayThatWouldHideATree() throws Exception {
        file("link/lib/own", "x");
        String line = refusal(() -> shaped(root(), overlay(folder.resolve("link"))));
        assertTrue(line.contains("at '/lib': expected a directory there"), line);
        assertTrue(line.contains("a symbolic link to 'usr/lib'"), line);
        file("file/usr/share", "x");
        line = refusal(() -> shaped(root(), overlay(folder.resolve("file"))));
        assertTrue(line.contains("found a directory; exclude"), line);
        file("folder/etc/hostname/x", "x");
        line = refusal(() -> shaped(root(), overlay(folder.resolve("folder"))));
        assertTrue(line.contains("found something else; exclude"), line);
    }

    @FunctionalInterface
    private interface Packer {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static String packed(Packer packer, String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream packing = packer.over(out)) {
            packing.write(TestingTar.bytes(text));
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private static String xz(String text) throws IOException {
        return packed(out -> new XZOutputStream(out, new LZMA2Options(0)), text);
    }

    private static TestingTar withModules(String xz) throws IOException {
        String zst =
                new String(Zstd.compress(TestingTar.bytes("two")), StandardCharsets.ISO_8859_1);
        return root().directory("usr/lib/modules")
                .directory(MODULES)
                .file(MODULES + "/modules.dep", "kernel/a.ko.xz: kernel/b.ko.zst c.ko\nc.ko:\n")
                .file(MODULES + "/modules.order", "kernel/a.ko\n")
                .directory(MODULES + "/kernel")
                .file(MODULES + "/kernel/a.ko.xz", xz)
                .file(MODULES + "/kernel/b.ko.zst", zst)
                .file(MODULES + "/kernel/g.ko.gz", packed(GZIPOutputStream::new, "three"))
                .file(MODULES + "/c.ko", "plain")
                .hardLink(MODULES + "/again.ko.xz", MODULES + "/kernel/a.ko.xz")
                .symlink(MODULES + "/link.ko.xz", "kernel/a.ko.xz")
                .file("usr/share/other.ko.xz", "left alone");
    }

    @Test
    void unpacksModulesAndNamesThemAnew() throws Exception {
        RootFileSystem shaped = shaped(withModules(xz("one".repeat(9999))), decompress());
        Map<String, String> contents = contents(shaped);
        String modules = "/" + MODULES;
        assertEquals("one".repeat(9999), contents.get(modules + "/again.ko"));
        assertEquals("two", contents.get(modules + "/kernel/b.ko"));
        assertEquals("three", contents.get(modules + "/kernel/g.ko"));
        assertEquals("plain", contents.get(modules + "/c.ko"));
        assertEquals("left alone", contents.get("/usr/share/other.ko.xz"));
        assertEquals(
                "kernel/a.ko: kernel/b.ko c.ko\nc.ko:\n", contents.get(modules + "/modules.dep"));
        assertEquals("kernel/a.ko\n", contents.get(modules + "/modules.order"));
        assertEquals(at(shaped, MODULES + "/kernel/a.ko"), at(shaped, MODULES + "/again.ko"));
        assertEquals(
                new InodeKind.Symlink(ByteString.utf8("kernel/a.ko")),
                at(shaped, MODULES + "/link.ko").kind());
    }

    @Test
    void refusesAModuleThatIsDamagedOrNotPacked() throws Exception {
        String good = xz("one".repeat(9999));
        List<String> bad = new ArrayList<>(List.of("not packed", good.substring(0, 40)));
        bad.add(good.substring(0, 30) + (char) (good.charAt(30) ^ 1) + good.substring(31));
        for (String module : bad) {
            FlipsideException refusal =
                    assertThrows(
                            FlipsideException.class,
                            () -> shaped(withModules(module), decompress()));
            String line = refusal.failure().line();
            assertEquals(FailureCode.ROOTFS_UNSUPPORTED, refusal.failure().code(), line);
            assertTrue(line.contains("/again.ko.xz'") || line.contains("/a.ko.xz'"), line);
        }
    }

    @Test
    void refusesTwoFilesThatGetOneName() throws Exception {
        TestingTar tar = withModules(xz("one")).file(MODULES + "/kernel/a.ko", "one");
        assertTrue(refusal(() -> shaped(tar, decompress())).contains("/kernel/a.ko'"));
    }
}
