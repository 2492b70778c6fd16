package dev.flipside.builder.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileContainerImageTest {
    private static final byte[] TAR = new TestingTar().file("f", "contents").finished();

    private static final int SEEDS_FACTOR = Integer.getInteger("flipside.seeds.factor", 1);

    @TempDir Path folder;

    private FlipsideException assertRefused(FailureCode code, TestingContainerImage image)
            throws IOException {
        Path tar = image.inTar(folder.resolve("image.tar"));
        FlipsideException refused =
                assertThrows(FlipsideException.class, () -> RootFileSystem.open(tar));
        assertEquals(code, refused.failure().code(), refused.getMessage());
        assertFalse(refused.failure().line().contains("\n"));
        return refused;
    }

    private static TestingContainerImage oneLayer(byte[] tar) {
        return new TestingContainerImage().gzipLayer(tar).image("app:1").finished();
    }

    private static TestingContainerImage over(TestingTar second) {
        return new TestingContainerImage()
                .layer(TAR)
                .layer(second.finished())
                .image("app:1")
                .finished();
    }

    private static String blobWith(TestingContainerImage image, String text) {
        return image.files().entrySet().stream()
                .filter(file -> file.getKey().startsWith("blobs/"))
                .filter(
                        file ->
                                new String(file.getValue(), StandardCharsets.ISO_8859_1)
                                        .contains(text))
                .map(java.util.Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
    }

    private static String layerBlob(TestingContainerImage image, byte[] packed) {
        String path = "blobs/sha256/" + TestingContainerImage.sha256(packed);
        assertTrue(image.files().containsKey(path));
        return path;
    }

    @Test
    void refusesAWhiteoutOfWhatIsNotThere() throws Exception {
        for (String name : new String[] {".wh.nothing", "d/.wh.f", "f/.wh.x"}) {
            FlipsideException refused =
                    assertRefused(FailureCode.TAR_MALFORMED, over(new TestingTar().file(name, "")));
            assertTrue(refused.getMessage().contains("whiteout '" + name), refused.getMessage());
        }
        assertRefused(
                FailureCode.TAR_MALFORMED,
                oneLayer(new TestingTar().file(".wh.f", "").file("f", "x").finished()));
    }

    @Test
    void refusesWhiteoutsThatNameNothing() throws Exception {
        for (String name : new String[] {".wh.", ".wh..", ".wh..."}) {
            assertRefused(FailureCode.TAR_MALFORMED, over(new TestingTar().file(name, "")));
        }
        assertRefused(
                FailureCode.ROOTFS_UNSUPPORTED,
                over(new TestingTar().directory(".wh..wh.plnk").file(".wh..wh.plnk/1.2", "x")));
    }

    @Test
    void refusesPathsThatLeaveTheImageInEveryLayer() throws Exception {
        assertRefused(FailureCode.TAR_PATH_UNSAFE, over(new TestingTar().file("../x", "")));
        assertRefused(FailureCode.TAR_PATH_UNSAFE, over(new TestingTar().file("../.wh.x", "")));
        assertRefused(
                FailureCode.TAR_PATH_UNSAFE,
                new TestingContainerImage()
                        .layer(new TestingTar().symlink("l", "/etc").finished())
                        .layer(new TestingTar().file("l/passwd", "x").finished())
                        .image("app:1")
                        .finished());
        FlipsideException link =
                assertRefused(
                        FailureCode.TAR_MALFORMED, over(new TestingTar().hardLink("a", "nothing")));
        assertTrue(link.getMessage().contains("layer sha256:"), link.getMessage());
    }

    @Test
    void refusesALayerThatIsNotTheOneOfItsDigest() throws Exception {
        byte[] packed = TestingContainerImage.gzip(TAR);
        for (int at : new int[] {0, 3, 20, packed.length - 1}) {
            TestingContainerImage image = oneLayer(TAR);
            byte[] other = packed.clone();
            other[at] ^= 1;
            image.files().put(layerBlob(image, packed), other);
            FlipsideException refused = assertRefused(FailureCode.DIGEST_MISMATCH, image);
            assertTrue(refused.getMessage().contains("layer sha256:"), refused.getMessage());
        }
        TestingContainerImage shorter = oneLayer(TAR);
        shorter.files().put(layerBlob(shorter, packed), new byte[7]);
        assertRefused(FailureCode.DIGEST_MISMATCH, shorter);
    }

    @Test
    void refusesALayerWhoseTarIsNotTheOneOfItsDiffId() throws Exception {
        byte[] other = new TestingTar().file("f", "another").finished();
        TestingContainerImage image = new TestingContainerImage();
        image.layer(TAR, TestingContainerImage.gzip(other), TestingContainerImage.LAYER + "+gzip");
        FlipsideException refused =
                assertRefused(FailureCode.DIGEST_MISMATCH, image.image("app:1").finished());
        assertTrue(refused.getMessage().contains("diff_id"), refused.getMessage());
        TestingContainerImage docker = new TestingContainerImage().dockerImage("app:1", TAR);
        docker.files().put(TestingContainerImage.sha256(TAR) + "/layer.tar", other);
        assertRefused(FailureCode.DIGEST_MISMATCH, docker);
    }

    @Test
    void refusesDocumentsThatAreNotThoseOfTheirDigest() throws Exception {
        for (String text : new String[] {"\"layers\":[", "diff_ids"}) {
            TestingContainerImage image = oneLayer(TAR);
            String path = blobWith(image, text);
            byte[] bytes = image.files().get(path).clone();
            bytes[bytes.length - 2] ^= 1;
            image.files().put(path, bytes);
            assertRefused(FailureCode.DIGEST_MISMATCH, image);
            image.files().put(path, new byte[3]);
            assertRefused(FailureCode.DIGEST_MISMATCH, image);
        }
        TestingContainerImage docker = new TestingContainerImage().dockerImage("app:1", TAR);
        for (String path : List.copyOf(docker.files().keySet())) {
            if (path.endsWith(".json") && !path.startsWith("manifest")) {
                docker.files().put(path, TestingContainerImage.utf8("{}"));
            }
        }
        assertRefused(FailureCode.DIGEST_MISMATCH, docker);
    }

    @Test
    void refusesAnImageWithAMissingPart() throws Exception {
        TestingContainerImage image = oneLayer(TAR);
        for (String path : List.copyOf(image.files().keySet())) {
            if (path.startsWith("blobs/")) {
                byte[] bytes = image.files().remove(path);
                FlipsideException refused = assertRefused(FailureCode.INPUT_MISSING, image);
                assertTrue(refused.getMessage().contains(path), refused.getMessage());
                image.files().put(path, bytes);
            }
        }
        TestingContainerImage docker = new TestingContainerImage().dockerImage("app:1", TAR);
        docker.files().remove(TestingContainerImage.sha256(TAR) + "/layer.tar");
        assertRefused(FailureCode.INPUT_MISSING, docker);
    }

    /** An index cannot name itself by its digest; what pretends to is found out at once. */
    @Test
    void refusesAnIndexThatPretendsToBeWithinItself() throws Exception {
        TestingContainerImage image =
                new TestingContainerImage().layer(TAR).image("app:1").nested("app:1").finished();
        String path = blobWith(image, "\"manifests\":[");
        image.files().put(path, image.files().get("index.json"));
        assertRefused(FailureCode.DIGEST_MISMATCH, image);
    }

    @Test
    void refusesIndexesThatAreNestedWithoutBound() throws Exception {
        TestingContainerImage image = new TestingContainerImage().layer(TAR).image("app:1");
        for (int i = 0; i < 8; i++) {
            image.nested("app:" + i);
        }
        RootFileSystem.open(image.finished().inTar(folder.resolve("image.tar")));
        FlipsideException refused =
                assertRefused(
                        FailureCode.CONTAINER_IMAGE_MALFORMED, image.nested("more").finished());
        assertTrue(refused.getMessage().contains("8 deep"), refused.getMessage());
    }

    @Test
    void refusesAMediaTypeThatIsUnknownOrWrong() throws Exception {
        String gzip = TestingContainerImage.LAYER + "+gzip";
        for (String type : new String[] {gzip + "+encrypted", "text/plain", ""}) {
            assertRefused(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    new TestingContainerImage().layer(TAR, TAR, type).image("app:1").finished());
        }
        assertRefused(
                FailureCode.CONTAINER_IMAGE_MALFORMED,
                new TestingContainerImage().layer(TAR, TAR, gzip).image("app:1").finished());
        assertRefused(
                FailureCode.CONTAINER_IMAGE_MALFORMED,
                new TestingContainerImage()
                        .layer(TAR, TestingContainerImage.gzip(TAR), TestingContainerImage.LAYER)
                        .image("app:1")
                        .finished());
    }

    @Test
    void refusesLayoutsWithoutImagesOrOfAnotherVersion() throws Exception {
        assertRefused(
                FailureCode.CONTAINER_IMAGE_MALFORMED, new TestingContainerImage().finished());
        TestingContainerImage newer = oneLayer(TAR);
        newer.files()
                .put(
                        "oci-layout",
                        TestingContainerImage.utf8("{\"imageLayoutVersion\":\"2.0.0\"}"));
        assertRefused(FailureCode.ROOTFS_UNSUPPORTED, newer);
        TestingContainerImage bad = oneLayer(TAR).replaceInIndex("sha256:", "md5:");
        assertRefused(FailureCode.CONTAINER_IMAGE_MALFORMED, bad);
        TestingContainerImage notJson = oneLayer(TAR);
        notJson.files().put("index.json", TestingContainerImage.utf8("nonsense"));
        assertRefused(FailureCode.CONTAINER_IMAGE_MALFORMED, notJson);
        TestingContainerImage large = oneLayer(TAR);
        large.files().put("index.json", new byte[(4 << 20) + 1]);
        assertRefused(FailureCode.CONTAINER_IMAGE_MALFORMED, large);
    }

    @Test
    void refusesDockerManifestsThatLeadElsewhere() throws Exception {
        for (String manifest :
                new String[] {
                    "[]",
                    "{}",
                    "[1]",
                    "[{}]",
                    "[{\"Config\":\"../c.json\",\"Layers\":[]}]",
                    "[{\"Config\":\"/etc/passwd\",\"Layers\":[]}]",
                    "[{\"Config\":\"a\\u0000b\",\"Layers\":[]}]"
                }) {
            TestingContainerImage docker = new TestingContainerImage();
            docker.files().put("manifest.json", TestingContainerImage.utf8(manifest));
            assertRefused(FailureCode.CONTAINER_IMAGE_MALFORMED, docker);
        }
    }

    @Test
    void noticesALayerThatChangesBetweenThePasses() throws Exception {
        byte[] other = new TestingTar().file("f", "CONTENTS").finished();
        TestingContainerImage image =
                new TestingContainerImage().layer(TAR).image("app:1").finished();
        Path layout = image.inFolder(Files.createDirectory(folder.resolve("layout")));
        RootFileSystem root = RootFileSystem.open(layout);
        Files.write(layout.resolve(layerBlob(image, TAR)), other);
        FlipsideException refused =
                assertThrows(
                        FlipsideException.class,
                        () -> root.forEachContent((_, in) -> in.readAllBytes()));
        assertEquals(FailureCode.INPUT_CHANGED, refused.failure().code());
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34})
    void mutatedImagesAreReadOrRefusedAndNothingElse(long seed) throws Exception {
        Random random = new Random(seed);
        for (int round = 0; round < 150 * SEEDS_FACTOR; round++) {
            TestingContainerImage image = round % 2 == 0 ? layout(random) : docker();
            mutate(image, random);
            Path tar = image.inTar(folder.resolve("image.tar"));
            try {
                RootFileSystem.open(tar).forEachContent((_, in) -> in.readAllBytes());
            } catch (FlipsideException e) {
                assertFalse(e.failure().line().isEmpty());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    private static TestingContainerImage layout(Random random) {
        byte[] second = new TestingTar().file(".wh.f", "").file("g", "x").finished();
        second[random.nextInt(second.length)] = (byte) random.nextInt(256);
        return new TestingContainerImage()
                .gzipLayer(TAR)
                .zstdLayer(second)
                .image("app:1")
                .nested("nested")
                .layer(TAR)
                .image("")
                .finished();
    }

    private static TestingContainerImage docker() {
        return new TestingContainerImage()
                .dockerImage("app:1", TAR, new TestingTar().file(".wh.f", "").finished());
    }

    /**
     * Changes some bytes of one file, of JSON to other bytes of JSON; its name goes along, so that
     * not every change ends at a digest.
     */
    private static void mutate(TestingContainerImage image, Random random) {
        List<String> paths = new ArrayList<>(image.files().keySet());
        String path = paths.get(random.nextInt(paths.size()));
        byte[] bytes = image.files().get(path).clone();
        byte[] alphabet = TestingContainerImage.utf8("{}[]\",:0123456789abcdef-nulltruesha.");
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            bytes[random.nextInt(bytes.length)] =
                    random.nextInt(4) == 0
                            ? (byte) random.nextInt(256)
                            : alphabet[random.nextInt(alphabet.length)];
        }
        image.files().put(path, bytes);
        if (path.startsWith("blobs/") && random.nextBoolean()) {
            rename(image, path, "blobs/sha256/" + TestingContainerImage.sha256(bytes));
        }
    }

    private static void rename(TestingContainerImage image, String path, String to) {
        image.files().put(to, image.files().remove(path));
        String from = path.substring("blobs/sha256/".length());
        String with = to.substring("blobs/sha256/".length());
        for (String other : List.copyOf(image.files().keySet())) {
            String text = new String(image.files().get(other), StandardCharsets.ISO_8859_1);
            if (!other.equals(to) && text.contains(from)) {
                byte[] replaced = text.replace(from, with).getBytes(StandardCharsets.ISO_8859_1);
                image.files().put(other, replaced);
                if (other.startsWith("blobs/")) {
                    rename(image, other, "blobs/sha256/" + TestingContainerImage.sha256(replaced));
                    return;
                }
            }
        }
    }
}
