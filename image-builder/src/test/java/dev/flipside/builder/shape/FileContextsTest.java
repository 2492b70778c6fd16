package dev.flipside.builder.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What libselinux says of the same files is in {@code SelinuxOracleTest}. */
final class FileContextsTest {
    private static final InodeKind FILE = new InodeKind.RegularFile(1);

    @TempDir private Path folder;

    private FileContexts contexts(String text) throws IOException, FlipsideException {
        return FileContexts.load(Files.writeString(folder.resolve("fc"), text));
    }

    private static String of(FileContexts contexts, String path, InodeKind kind) {
        return contexts.contextOf(ByteString.utf8(path), kind).orElse("none");
    }

    @Test
    void takesTheLastOfThoseThatMatch() throws Exception {
        FileContexts contexts = contexts("/a(/.*)? one\n/a/b.* two\n");
        assertEquals("two", of(contexts, "/a/bc", FILE));
        assertEquals("one", of(contexts, "/a", FILE));
        assertEquals("none", of(contexts, "/", FILE));
    }

    @Test
    void takesAPathWithoutMetacharactersBeforeAll() throws Exception {
        FileContexts contexts = contexts("/a/b\\.c literal\n/a/.* pattern\n");
        assertEquals("literal", of(contexts, "/a/b.c", FILE));
        assertEquals("pattern", of(contexts, "/a/bxc", FILE));
    }

    @Test
    void mindsTheTypeOfTheFile() throws Exception {
        FileContexts contexts =
                contexts("/x.* any\n/x.* -d folder\n/x.* -l link\n/x.* -s socket\n/x -- file\n");
        assertEquals("folder", of(contexts, "/x", new InodeKind.Directory(new TreeMap<>())));
        assertEquals("link", of(contexts, "/x", new InodeKind.Symlink(ByteString.utf8("y"))));
        assertEquals("socket", of(contexts, "/x", new InodeKind.Socket()));
        assertEquals("any", of(contexts, "/x", new InodeKind.Fifo()));
        assertEquals("file", of(contexts, "/x", FILE));
    }

    @Test
    void givesNoLabelWhereThePolicySaysSo() throws Exception {
        assertEquals("none", of(contexts("/.* any\n/proc(/.*)? <<none>>\n"), "/proc/1", FILE));
    }

    @Test
    void readsTheFilesBesideIt() throws Exception {
        Files.writeString(folder.resolve("fc.local"), "/home/.* local\n");
        Files.writeString(folder.resolve("fc.homedirs"), "/home/.* homedirs\n/root/.* root\n");
        Files.writeString(folder.resolve("fc.subs_dist"), "# x\n/lib /usr/lib\n/lib /nowhere\n");
        Files.writeString(folder.resolve("fc.subs"), "/srv/home /home\n");
        FileContexts contexts = contexts("/home/.* base\n/usr/lib/.* lib\n/nowhere/x n\n");
        assertEquals("local", of(contexts, "/home/x", FILE));
        assertEquals("local", of(contexts, "/srv/home/x", FILE));
        assertEquals("root", of(contexts, "/root/x", FILE));
        assertEquals("n", of(contexts, "/lib/x", FILE));
        assertEquals("none", of(contexts, "/libx/x", FILE));
    }

    @Test
    void readsPcreAsPcreDoes() throws Exception {
        FileContexts contexts =
                contexts(
                        "/a/[[:digit:]]+ digits\n/b/[][&]x brackets\n/c/[^]/]+ not\n/d/x{2}|/e/y two\n");
        assertEquals("digits", of(contexts, "/a/12", FILE));
        assertEquals("none", of(contexts, "/a/d", FILE));
        assertEquals("brackets", of(contexts, "/b/]x", FILE));
        assertEquals("brackets", of(contexts, "/b/&x", FILE));
        assertEquals("not", of(contexts, "/c/x", FILE));
        assertEquals("none", of(contexts, "/c/]", FILE));
        assertEquals("two", of(contexts, "/d/xx", FILE));
        assertEquals("two", of(contexts, "/e/y", FILE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "/a -x b", "/a -- b c", "/a( b", "/a[[:what:]] b"})
    void refusesALineThatIsNone(String line) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> contexts("# first\n" + line + "\n"));
        assertEquals(FailureCode.CONFIG_INVALID, refusal.failure().code());
        assertTrue(refusal.failure().what().endsWith("fc, line 2"), refusal.failure().line());
    }

    @Test
    void labelsEveryFileOnce() throws Exception {
        Path fc = Files.writeString(folder.resolve("fc"), "/.* any\n/etc/b etc\n/etc/n <<none>>\n");
        TestingTar tar =
                new TestingTar()
                        .directory("etc")
                        .file("etc/b", "b")
                        .hardLink("etc/c", "etc/b")
                        .file("etc/n", "n");
        RootFileSystem labelled =
                ShapedRootFileSystem.of(
                        RootFileSystem.open(tar.in(folder)),
                        new Recipe(
                                List.of(
                                        new Change(
                                                Kind.SELINUX_CONTEXTS,
                                                "fc",
                                                Optional.of(fc),
                                                Optional.empty()))));
        assertEquals("any\0", label(labelled, ""));
        assertEquals("any\0", label(labelled, "etc"));
        assertEquals("etc\0", label(labelled, "etc/b"));
        assertEquals("etc\0", label(labelled, "etc/c"));
        assertEquals("none", label(labelled, "etc/n"));
        assertEquals(2, labelled.tree().linkCount(inode(labelled, "etc/b")));
    }

    private static Inode inode(RootFileSystem rootfs, String path) {
        return rootfs.tree().find(ByteString.utf8(path)).orElseThrow();
    }

    private static String label(RootFileSystem rootfs, String path) {
        ByteString label =
                inode(rootfs, path).attributes().xattrs().get(ByteString.utf8("security.selinux"));
        return label == null ? "none" : label.toString();
    }
}
