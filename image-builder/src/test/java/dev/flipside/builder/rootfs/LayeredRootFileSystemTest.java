package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayeredRootFileSystemTest {
    @TempDir Path folder;

    private RootFileSystem open(TestingTar... layers) throws Exception {
        TestingContainerImage image = new TestingContainerImage();
        for (int i = 0; i < layers.length; i++) {
            switch (i % 3) {
                case 0 -> image.gzipLayer(layers[i].finished());
                case 1 -> image.zstdLayer(layers[i].finished());
                default -> image.layer(layers[i].finished());
            }
        }
        return RootFileSystem.open(image.image("app:1").finished().inFolder(newFolder()));
    }

    private Path newFolder() throws IOException {
        return Files.createTempDirectory(folder, "layout-");
    }

    /** Every path, with what a file holds, {@code /} for a directory, and so on. */
    private static SortedMap<String, String> listing(RootFileSystem root) throws Exception {
        Map<Inode, String> contents = new java.util.HashMap<>();
        root.forEachContent(
                (file, bytes) ->
                        assertEquals(
                                null,
                                contents.put(
                                        file,
                                        new String(
                                                bytes.readAllBytes(),
                                                StandardCharsets.ISO_8859_1))));
        SortedMap<String, String> listing = new TreeMap<>();
        list("", root.tree().root(), contents, listing);
        return listing;
    }

    private static void list(
            String path, Inode inode, Map<Inode, String> contents, Map<String, String> to) {
        if (inode.kind() instanceof InodeKind.Directory(var entries)) {
            to.put(path + "/", "");
            entries.forEach((name, child) -> list(path + "/" + name, child, contents, to));
        } else if (inode.kind() instanceof InodeKind.Symlink(ByteString target)) {
            to.put(path, "-> " + target);
        } else {
            to.put(path, contents.getOrDefault(inode, ""));
        }
    }

    private static Map<String, String> expected(String... pathsAndContents) {
        Map<String, String> expected = new TreeMap<>(Map.of("/", ""));
        for (int i = 0; i < pathsAndContents.length; i += 2) {
            expected.put(pathsAndContents[i], pathsAndContents[i + 1]);
        }
        return expected;
    }

    private static Inode find(RootFileSystem root, String path) {
        return root.tree().find(ByteString.utf8(path)).orElseThrow();
    }

    @Test
    void laysLayersOverEachOtherInTheirOrder() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().file("a", "1").file("b", "1").file("c", "1"),
                        new TestingTar().file("b", "22").file("d", "2"),
                        new TestingTar().file("./c", "333"));
        assertEquals(expected("/a", "1", "/b", "22", "/c", "333", "/d", "2"), listing(root));
    }

    @Test
    void aWhiteoutHidesWhatIsBelowWhateverItIs() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .directory("d")
                                .file("d/x", "1")
                                .file("f", "1")
                                .symlink("s", "f")
                                .file("kept", "1"),
                        new TestingTar().file(".wh.d", "").file(".wh.f", "").file(".wh.s", ""));
        assertEquals(expected("/kept", "1"), listing(root));
    }

    @Test
    void aWhiteoutHidesNothingOfItsOwnLayerWhereverItStands() throws Exception {
        TestingTar below = new TestingTar().directory("d").file("d/old", "1").file("f", "old");
        for (boolean first : new boolean[] {true, false}) {
            TestingTar above = new TestingTar();
            if (first) {
                above.file(".wh.d", "").file(".wh.f", "");
            }
            above.directory("d").file("d/new", "2").file("f", "new");
            if (!first) {
                above.file(".wh.d", "").file(".wh.f", "");
            }
            assertEquals(
                    expected("/d/", "", "/d/new", "2", "/f", "new"),
                    listing(open(below, above)),
                    "whiteouts first: " + first);
        }
    }

    @Test
    void anOpaqueDirectoryHidesWhatIsBelowButNothingOfItsOwnLayer() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .directory("d")
                                .file("d/old", "1")
                                .directory("d/sub")
                                .file("d/sub/x", "1")
                                .file("e", "1"),
                        new TestingTar()
                                .directory("d")
                                .file("d/new", "2")
                                .file("d/.wh..wh..opq", "")
                                .directory("fresh")
                                .file("fresh/.wh..wh..opq", ""),
                        new TestingTar().file("d/third", "3"));
        assertEquals(
                expected("/d/", "", "/d/new", "2", "/d/third", "3", "/e", "1", "/fresh/", ""),
                listing(root));
    }

    @Test
    void anOpaqueRootHidesAllLayersBelow() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().file("old", "1"),
                        new TestingTar().file(".wh..wh..opq", "").file("new", "2"));
        assertEquals(expected("/new", "2"), listing(root));
    }

    @Test
    void anythingMayReplaceAnythingElse() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar()
                                .directory("d1")
                                .file("d1/x", "1")
                                .directory("d2")
                                .file("d2/x", "1")
                                .file("f1", "1")
                                .file("f2", "1")
                                .symlink("s1", "d1"),
                        new TestingTar()
                                .file("d1", "file")
                                .symlink("d2", "d1")
                                .directory("f1")
                                .file("f1/y", "2")
                                .symlink("f2", "f1")
                                .directory("s1")
                                .file("s1/z", "2"));
        assertEquals(
                expected(
                        "/d1", "file", "/d2", "-> d1", "/f1/", "", "/f1/y", "2", "/f2", "-> f1",
                        "/s1/", "", "/s1/z", "2"),
                listing(root));
    }

    @Test
    void aDirectoryThatComesAgainKeepsWhatIsInItAndGetsNewAttributes() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().directory("d").file("d/x", "1"),
                        new TestingTar()
                                .entry(new TestingTar.Header("d", '5').mode(0700), new byte[0]));
        assertEquals(expected("/d/", "", "/d/x", "1"), listing(root));
        assertEquals(0700, find(root, "d").attributes().permissions());
    }

    @Test
    void hardLinksReachIntoLayersBelow() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().file("f", "shared").file("g", "old"),
                        new TestingTar().hardLink("link", "f").hardLink("g", "f"));
        assertEquals(find(root, "f"), find(root, "link"));
        assertEquals(3, root.tree().linkCount(find(root, "g")));
        assertEquals(expected("/f", "shared", "/g", "shared", "/link", "shared"), listing(root));
    }

    @Test
    void aFileThatIsReplacedAboveKeepsItsOtherNames() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().file("f", "old").hardLink("g", "f"),
                        new TestingTar().file("f", "new"));
        assertEquals(expected("/f", "new", "/g", "old"), listing(root));
        assertEquals(1, root.tree().linkCount(find(root, "g")));
    }

    @Test
    void theNewestTimeIsThatOfWhatIsLeft() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().pax("mtime", "900").file("hidden", "1"),
                        new TestingTar().file(".wh.hidden", "").file("f", "x"));
        assertEquals(Instant.ofEpochSecond(1), root.newestChange());
    }

    @Test
    void handsOutOnlyWhatNoLayerAboveReplaced() throws Exception {
        RootFileSystem root =
                open(
                        new TestingTar().file("a", "old").file("b", "old"),
                        new TestingTar().file("a", "new").file(".wh.b", ""));
        List<String> handed = new ArrayList<>();
        root.forEachContent(
                (file, bytes) ->
                        handed.add(
                                root.tree().pathOf(file)
                                        + new String(
                                                bytes.readAllBytes(), StandardCharsets.UTF_8)));
        assertEquals(List.of("/anew"), handed);
    }

    @Test
    void oneLayerMayBeThereTwice() throws Exception {
        TestingTar empty = new TestingTar();
        TestingTar file = new TestingTar().file("f", "x");
        assertEquals(expected("/f", "x"), listing(open(empty, file, empty, file)));
    }

    @Test
    void aTarOfTheLayoutIsTheSameHoweverItIsPacked() throws Exception {
        TestingContainerImage image =
                new TestingContainerImage()
                        .gzipLayer(new TestingTar().file("f", "1").file("g", "1").finished())
                        .layer(new TestingTar().file("f", "2").file(".wh.g", "").finished())
                        .image("app:1")
                        .finished();
        byte[] tar = image.tar().finished();
        for (byte[] packed :
                new byte[][] {
                    tar, TestingContainerImage.gzip(tar), TestingContainerImage.xz(tar, 1 << 16)
                }) {
            Path file = Files.write(folder.resolve("image.tar"), packed);
            assertEquals(expected("/f", "2"), listing(RootFileSystem.open(file)));
        }
    }

    @Test
    void readsADockerArchiveWithALayerThatIsALink() throws Exception {
        byte[] one = new TestingTar().file("f", "1").file("g", "1").finished();
        byte[] two = new TestingTar().file(".wh.g", "").finished();
        TestingContainerImage image =
                new TestingContainerImage().dockerImage("app:1", one, two, one);
        String layer = TestingContainerImage.sha256(one) + "/layer.tar";
        TestingTar tar = image.tar();
        assertEquals(expected("/f", "1", "/g", "1"), listing(RootFileSystem.open(tar.in(folder))));
        byte[] bytes = image.files().remove(layer);
        image.files().put("elsewhere/layer.tar", bytes);
        TestingTar linked = image.tar().symlink(layer, "../elsewhere/layer.tar");
        assertEquals(
                expected("/f", "1", "/g", "1"), listing(RootFileSystem.open(linked.in(folder))));
    }

    @Test
    void aRootFileSystemWithAManifestInItIsNoContainerImage() throws Exception {
        Path tar =
                new TestingTar()
                        .directory("usr")
                        .file("manifest.json", "[]")
                        .file("index.json", "{}")
                        .file("oci-layout", "{}")
                        .in(folder);
        assertTrue(find(RootFileSystem.open(tar), "usr").isDirectory());
    }

    private static RootFileSystem choose(Path path, String image, String platform)
            throws IOException, FlipsideException {
        return RootFileSystem.open(
                path,
                new ImageChoice(Optional.ofNullable(image), Optional.ofNullable(platform)),
                _ -> {});
    }

    private static TestingContainerImage several() {
        return new TestingContainerImage()
                .layer(new TestingTar().file("f", "1 amd64").finished())
                .image("app:1")
                .architecture("arm64")
                .layer(new TestingTar().file("f", "1 arm64").finished())
                .image("app:1")
                .nested("registry/app:1")
                .architecture("amd64")
                .layer(new TestingTar().file("f", "2 amd64").finished())
                .image("app:2", "")
                .finished();
    }

    @Test
    void takesTheImageThatIsChosenByNameAndPlatform() throws Exception {
        Path layout = several().inFolder(newFolder());
        for (String[] choice :
                new String[][] {
                    {"app:1", "arm64", "1 arm64"},
                    {"registry/app:1", "x86-64", "1 amd64"},
                    {"app:1", "linux/amd64", "1 amd64"},
                    {"app:2", null, "2 amd64"},
                    {null, "aarch64", "1 arm64"}
                }) {
            assertEquals(expected("/f", choice[2]), listing(choose(layout, choice[0], choice[1])));
        }
    }

    @Test
    void namesTheImagesThatAreThereWhenNoneOrSeveralMatch() throws Exception {
        Path layout = several().inFolder(newFolder());
        FlipsideException several =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(layout));
        assertEquals(FailureCode.CONTAINER_IMAGE_AMBIGUOUS, several.failure().code());
        assertEquals(
                "3: app:1 = registry/app:1 (linux/amd64), app:1 = registry/app:1 (linux/arm64), app:2 (linux/amd64)",
                several.failure().found());
        FlipsideException none =
                assertThrows(FlipsideException.class, () -> choose(layout, "app:3", null));
        assertEquals(FailureCode.INPUT_MISSING, none.failure().code());
        assertTrue(none.failure().found().contains("app:2 (linux/amd64)"), none.getMessage());
        Path tar = new TestingTar().file("f", "x").in(folder);
        FlipsideException noImage =
                assertThrows(FlipsideException.class, () -> choose(tar, "app:1", null));
        assertEquals(FailureCode.ARGUMENT_INVALID, noImage.failure().code());
    }

    @Test
    void choosesAmongTheImagesOfADockerArchive() throws Exception {
        TestingContainerImage image =
                new TestingContainerImage()
                        .dockerImage("app:1", new TestingTar().file("f", "1").finished())
                        .dockerImage("app:2", new TestingTar().file("f", "2").finished());
        Path tar = image.inTar(folder.resolve("images.tar"));
        assertEquals(expected("/f", "2"), listing(choose(tar, "app:2", null)));
        FlipsideException several =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(tar));
        assertEquals(FailureCode.CONTAINER_IMAGE_AMBIGUOUS, several.failure().code());
    }

    @Test
    void oneImageUnderTwoNamesAndAnAttestationAreNoChoice() throws Exception {
        byte[] tar = new TestingTar().file("f", "1").finished();
        TestingContainerImage image =
                new TestingContainerImage()
                        .layer(tar)
                        .image("app:1")
                        .layer(tar)
                        .image("app:latest")
                        .layer(new TestingTar().file("in-toto", "{}").finished())
                        .image(
                                "",
                                ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}")
                        .finished();
        assertEquals(
                expected("/f", "1"), listing(RootFileSystem.open(image.inFolder(newFolder()))));
    }
}
