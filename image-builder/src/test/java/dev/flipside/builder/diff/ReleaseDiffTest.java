package dev.flipside.builder.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.disk.TestingRelease;
import dev.flipside.erofs.ErofsInode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact.Role;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ReleaseDiffTest {
    private static final int NOISE_BYTES = 3 << 20;

    @TempDir static Path shared;
    private static ReleaseFolder first;
    private static ReleaseFolder second;

    @BeforeAll
    static void build() throws Exception {
        Path one = TestingRelease.build(shared, "1", Usage.ROOT);
        Path two = TestingRelease.build(shared, "2", Usage.ROOT);
        first = ReleaseFolder.open(one);
        second = ReleaseFolder.open(two);
    }

    private static FileChange change(ReleaseDiff diff, String path) {
        return diff.files().stream()
                .filter(it -> it.path().equals(ByteString.utf8(path)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void chargesTheBytesToTheFilesWhoseBlocksTheyAre() throws Exception {
        ReleaseDiff diff = ReleaseDiff.of(first, second);
        FileChange noise = change(diff, "/usr/lib/noise");
        assertEquals(FileChange.Kind.CHANGED, noise.kind());
        assertEquals(List.of("content"), noise.details());
        assertTrue(
                noise.fetchedBytes() > NOISE_BYTES * 0.99
                        && noise.fetchedBytes() < NOISE_BYTES * 1.01,
                noise.toString());
        assertEquals(noise, diff.files().getFirst(), "the dearest file comes first");
        assertTrue(
                diff.files().stream()
                        .noneMatch(it -> it.path().equals(ByteString.utf8("/usr/lib/zeros"))),
                "an empty slot has zeros");
        long shares = CostShare.of(diff).stream().mapToLong(CostShare::bytes).sum();
        assertEquals(diff.cost().totalBytes(), shares);
        assertTrue(diff.metadataBytes() > 0, "the superblock has another UUID");
        FetchCost cost = diff.cost();
        assertEquals(cost.blocks(), cost.blocksZero() + cost.blocksReused() + cost.blocksFetched());
        assertTrue(cost.blocksZero() >= NOISE_BYTES / 4096, cost.toString());
    }

    @Test
    void countsAsInPlaceTheBlocksWithContentThatDidNotMove() throws Exception {
        byte[] before = image(first);
        byte[] after = image(second);
        ByteBuffer zeros = ByteBuffer.allocate(4096);
        long same = 0;
        for (int at = 0; at < Math.min(before.length, after.length); at += 4096) {
            ByteBuffer block = ByteBuffer.wrap(after, at, 4096).slice();
            boolean stays = block.equals(ByteBuffer.wrap(before, at, 4096).slice());
            same += stays && !block.equals(zeros) ? 1 : 0;
        }
        FetchCost cost = ReleaseDiff.of(first, second).cost();
        assertTrue(same > 0);
        assertEquals(same, cost.blocksInPlace(), cost.toString());
        assertTrue(cost.blocksInPlace() <= cost.blocksReused(), cost.toString());
    }

    private static byte[] image(ReleaseFolder release) throws Exception {
        return Files.readAllBytes(release.folder().resolve(release.artifact(Role.IMAGE).name()));
    }

    @Test
    void chargesNothingButTheTopOfTheTreeForTheSameTree() throws Exception {
        ReleaseDiff diff = ReleaseDiff.of(first, first);
        assertEquals(List.of(), diff.files());
        assertEquals(0, diff.cost().neededBytes());
        assertEquals(0, diff.cost().blocksFetched());
        assertEquals(4096, diff.cost().treeBytes());
    }

    private static String stanza(String name, String version) {
        return """
        Package: %s
        Status: install ok installed
        Architecture: amd64
        Version: %s
        Maintainer: Someone <someone@example.org>
        Description: for a test

        """
                .formatted(name, version);
    }

    @Test
    void chargesTheBytesToThePackagesWhoseFilesTheyAre() throws Exception {
        String lists = "var/lib/dpkg/info/";
        Map<String, String> before =
                Map.of(
                        "var/lib/dpkg/status",
                        stanza("noise", "2:1.9-1") + stanza("gone", "1") + stanza("kept", "1"),
                        lists + "noise:amd64.list",
                        "/.\n/usr\n/usr/lib/noise\n");
        Map<String, String> after =
                Map.of(
                        "var/lib/dpkg/status",
                        stanza("noise", "2:1.10-1") + stanza("new", "1~rc1") + stanza("kept", "1"),
                        lists + "noise:amd64.list",
                        "/.\n/usr\n/usr/lib/noise\n");
        ReleaseFolder one =
                ReleaseFolder.open(TestingRelease.build(shared, "4", Usage.ROOT, before));
        ReleaseFolder two =
                ReleaseFolder.open(TestingRelease.build(shared, "5", Usage.ROOT, after));
        ReleaseDiff diff = ReleaseDiff.of(one, two);
        assertTrue(diff.packagesKnown());
        FileChange noise = change(diff, "/usr/lib/noise");
        assertEquals(Optional.of("noise"), noise.owner());
        assertEquals(
                List.of(
                        new PackageChange(
                                PackageChange.Kind.UPGRADED,
                                "noise",
                                "amd64",
                                Optional.of("2:1.9-1"),
                                Optional.of("2:1.10-1"),
                                noise.fetchedBytes()),
                        new PackageChange(
                                PackageChange.Kind.REMOVED,
                                "gone",
                                "amd64",
                                Optional.of("1"),
                                Optional.empty(),
                                0),
                        new PackageChange(
                                PackageChange.Kind.ADDED,
                                "new",
                                "amd64",
                                Optional.empty(),
                                Optional.of("1~rc1"),
                                0)),
                diff.packages());
        assertEquals(
                PackageChange.Kind.DOWNGRADED,
                ReleaseDiff.of(two, one).packages().getFirst().kind());
    }

    @Test
    void refusesReleasesBetweenWhichNoHostCanGo() throws Exception {
        ReleaseManifest manifest = second.manifest();
        ReleaseFolder other =
                new ReleaseFolder(
                        second.folder(),
                        new ReleaseManifest(
                                "guest",
                                manifest.version(),
                                manifest.architecture(),
                                manifest.securityVersion(),
                                manifest.created(),
                                manifest.verity(),
                                manifest.artifacts(),
                                manifest.neededSlotBytes(),
                                manifest.neededTreeBytes(),
                                manifest.neededUpdaterFormat()));
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> ReleaseDiff.of(first, other));
        assertEquals(FailureCode.ARGUMENT_INVALID, refusal.failure().code());
    }

    @Test
    void writesAPageThatIsWellFormedAndNeedsNothingElse() throws Exception {
        ReleaseDiff diff = ReleaseDiff.of(first, second);
        String page = DiffHtml.page(hostile(diff));
        Document document = parse(page);
        assertFalse(page.contains("<script"), "no script, not even one from a file's name");
        assertFalse(page.replace("http://www.w3.org/", "").contains("://"), "no other address");
        assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assertTrue(page.contains("prefers-color-scheme: dark"));
        NodeList boxes = document.getElementsByTagName("rect");
        assertTrue(boxes.getLength() > 3);
        for (int i = 0; i < boxes.getLength(); i++) {
            Element box = (Element) boxes.item(i);
            assertEquals(1, box.getElementsByTagName("title").getLength());
        }
        assertEquals(page, DiffHtml.page(hostile(diff)), "the same bytes each time");
    }

    @Test
    void drawsTheNoiseAsLargeAsItIs() throws Exception {
        ReleaseDiff diff = ReleaseDiff.of(first, second);
        NodeList boxes = parse(DiffHtml.page(diff)).getElementsByTagName("rect");
        double area = 0;
        double whole = 1200.0 * 680;
        for (int i = 0; i < boxes.getLength(); i++) {
            Element box = (Element) boxes.item(i);
            if (box.getTextContent().startsWith("/usr/lib/noise:")) {
                area =
                        Double.parseDouble(box.getAttribute("width"))
                                * Double.parseDouble(box.getAttribute("height"));
            }
        }
        double share =
                (double) change(diff, "/usr/lib/noise").fetchedBytes() / diff.cost().totalBytes();
        assertEquals(share, area / whole, 0.05, "but for the frame of its group");
    }

    @Test
    void saysInTextAndJsonWhatThePageSays() throws Exception {
        ReleaseDiff diff = ReleaseDiff.of(first, second);
        String text = new DiffText(96, 20).of(diff);
        assertTrue(text.contains("host 1 to 2: a host fetches"), text);
        assertTrue(text.contains("/usr/lib/noise"), text);
        assertTrue(text.lines().skip(1).allMatch(line -> line.length() <= 96), "fits a terminal");
        assertEquals(
                diff.cost().totalBytes(),
                DiffJson.summary(diff).at("/fetch/totalBytes").longValue());
        assertEquals(
                "/usr/lib/noise", DiffJson.of(diff.files().getFirst()).get("path").textValue());
    }

    private static ReleaseDiff hostile(ReleaseDiff diff) {
        FileChange script =
                new FileChange(
                        FileChange.Kind.ADDED,
                        ByteString.of(
                                "/<script>alert(1)</script>\u0001\"&'\n\ufffe"
                                        .getBytes(StandardCharsets.UTF_8)),
                        ErofsInode.Type.REGULAR_FILE,
                        List.of(),
                        0,
                        1 << 20,
                        1 << 20,
                        Optional.of("<b>&amp;"));
        PackageChange odd =
                new PackageChange(
                        PackageChange.Kind.UPGRADED,
                        "<i>",
                        "all",
                        Optional.of("1<2"),
                        Optional.of("]]>"),
                        5);
        return new ReleaseDiff(
                diff.from(),
                diff.to(),
                diff.cost(),
                List.of(script, diff.files().getFirst()),
                Map.copyOf(diff.counts()),
                diff.fileBytes() + (1 << 20),
                List.of(odd),
                true);
    }

    private static Document parse(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
    }
}
