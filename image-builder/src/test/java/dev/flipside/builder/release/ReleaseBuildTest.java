package dev.flipside.builder.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.initrd.GiveUpInitrd;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.boot.uki.Uki;
import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.pack.FrameDecoder;
import dev.flipside.pack.PackFrame;
import dev.flipside.pack.PackIndexReader;
import dev.flipside.release.Architecture;
import dev.flipside.release.Identifiers;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import dev.flipside.release.ReleaseManifest.Usage;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReleaseBuildTest {
    @TempDir private Path folder;

    static final class Silent implements BuildProgress.Step {
        @Override
        public void advance(long more) {}

        @Override
        public void close() {}
    }

    static BuildRequest request(Path rootfs, String version, Path out) {
        return new BuildRequest(
                rootfs,
                ImageChoice.any(),
                "edge",
                version,
                Usage.ROOT,
                out,
                2,
                BuildRequest.BootOverrides.none(),
                BuildRequest.Signatures.none(),
                "console=ttyS0",
                Recipe.none(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                3,
                2);
    }

    static ReleaseManifest build(BuildRequest request) throws IOException, FlipsideException {
        return ReleaseBuild.run(request, (name, total) -> new Silent());
    }

    private Path release(String version) throws IOException, FlipsideException {
        Path out = folder.resolve("release-" + version);
        build(request(TestingRoot.tar().in(folder), version, out));
        return out;
    }

    private static ReleaseManifest manifest(Path release) throws IOException, FlipsideException {
        return ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private FailureCode refusal(BuildRequest request) throws IOException {
        List<String> before = names(folder);
        FlipsideException refusal = assertThrows(FlipsideException.class, () -> build(request));
        assertEquals(before, names(folder), "nothing may be left");
        return refusal.failure().code();
    }

    @Test
    void saysWhichBytesOfTheUkiAreTheImages() throws Exception {
        Path release = release("1.2");
        Artifact uki = manifest(release).artifact(Artifact.Role.UKI).orElseThrow();
        byte[] image = Files.readAllBytes(release.resolve("root.img"));
        byte[] whole = Files.readAllBytes(release.resolve(uki.name()));
        byte[] assembled = whole.clone();
        for (ImagePart part : uki.fromImage()) {
            int offset = (int) part.offsetBytes();
            int end = offset + (int) part.sizeBytes();
            Arrays.fill(assembled, offset, end, (byte) 0xee);
            int imageOffset = (int) part.imageOffsetBytes();
            System.arraycopy(image, imageOffset, assembled, offset, end - offset);
        }
        assertArrayEquals(whole, assembled);
        assertEquals(3, uki.fromImage().size(), "stub, initrd and kernel");
    }

    @Test
    void writesEveryArtifactAsTheManifestSays() throws Exception {
        Path release = release("1.2");
        ReleaseManifest manifest = manifest(release);
        assertEquals(
                List.of(
                        "blocks.index",
                        "blocks.pack",
                        "edge_1.2.efi",
                        "provenance.json",
                        "release.json",
                        "root.img",
                        "root.verity",
                        "sbom.cdx.json",
                        "sbom.spdx.json"),
                names(release));
        for (Artifact artifact : manifest.artifacts()) {
            byte[] bytes = Files.readAllBytes(release.resolve(artifact.name()));
            assertEquals(artifact.sizeBytes(), bytes.length, artifact.name());
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            assertEquals(artifact.sha256(), HexFormat.of().formatHex(digest), artifact.name());
        }
        assertEquals(Architecture.X86_64, manifest.architecture());
        assertEquals(2, manifest.securityVersion());
        assertEquals(
                new Identifiers("edge", Architecture.X86_64, "1.2").salt(),
                manifest.verity().salt());
    }

    @Test
    void writesATreeThatProvesTheImage() throws Exception {
        Path release = release("1");
        byte[] tree = Files.readAllBytes(release.resolve("root.verity"));
        VerityParameters parameters = VeritySuperblock.decode(Arrays.copyOf(tree, 4096));
        byte[] image = Files.readAllBytes(release.resolve("root.img"));
        HashTreeReader reader =
                new HashTreeReader(
                        RandomAccess.of(tree),
                        parameters,
                        manifest(release).verity().rootHashBytes());
        for (int n = 0; n < parameters.dataBlocks(); n++) {
            reader.verify(n, image, n * 4096);
        }
        ErofsReader erofs = ErofsReader.open(RandomAccess.of(image));
        ErofsInode hostname = erofs.find("/etc/hostname").orElseThrow();
        assertEquals(
                "x".repeat(10_000),
                new String(erofs.readAll(hostname, 20_000), StandardCharsets.US_ASCII));
    }

    @Test
    void packsTheWholeImage() throws Exception {
        Path release = release("1");
        byte[] image = Files.readAllBytes(release.resolve("root.img"));
        byte[] pack = Files.readAllBytes(release.resolve("blocks.pack"));
        byte[] index = Files.readAllBytes(release.resolve("blocks.index"));
        byte[] plain = new byte[64 * 4096];
        byte[] unpacked = new byte[image.length];
        PackIndexReader reader =
                new PackIndexReader(
                        new ByteArrayInputStream(index), image.length / 4096, pack.length);
        try (FrameDecoder decoder = new FrameDecoder()) {
            Optional<PackFrame> next = reader.next();
            while (next.isPresent()) {
                PackFrame frame = next.get();
                int offset = (int) frame.offsetBytes();
                decoder.decode(pack, offset, frame.sizeBytes(), frame.blocks(), plain);
                for (int block = 0; block < frame.blocks(); block++) {
                    for (int i = 0; i < frame.placesOf(block); i++) {
                        int to = frame.place(block, i) * 4096;
                        System.arraycopy(plain, block * 4096, unpacked, to, 4096);
                    }
                }
                next = reader.next();
            }
        }
        assertArrayEquals(image, unpacked);
        assertTrue(reader.distinctBlocks() < image.length / 4096, "two files are the same");
    }

    @Test
    void putsKernelInitrdsAndRootHashIntoTheUki() throws Exception {
        Path release = release("1");
        byte[] bytes = Files.readAllBytes(release.resolve("edge_1.efi"));
        Uki uki = Uki.read(RandomAccess.of(bytes));
        assertEquals(
                Optional.of(manifest(release).verity().rootHash()),
                uki.commandLine().value("roothash"));
        assertTrue(uki.commandLine().has("gpt"), uki.commandLine().text());
        assertTrue(uki.commandLine().text().endsWith(" console=ttyS0"), uki.commandLine().text());
        assertEquals(Optional.of(TestingRoot.KERNEL_VERSION), uki.text(".uname"));
        assertEquals(Optional.of(TestingRoot.OS_RELEASE), uki.text(".osrel"));
        RandomAccess section = uki.section(".initrd").orElseThrow();
        ByteBuffer initrds = ByteBuffer.allocate((int) section.sizeBytes());
        section.read(initrds, 0);
        String text = TestingRoot.text(initrds.array());
        assertTrue(text.startsWith(TestingRoot.INITRD), "the image's initrd is first");
        assertTrue(text.contains(TestingRoot.text(GiveUpInitrd.bytes())), "ours is last");
    }

    @Test
    void buildsTheSameBytesElsewhereAndLater() throws Exception {
        Path first = release("1");
        Path other = Files.createDirectories(folder.resolve("an").resolve("other"));
        Path rootfs = Files.copy(folder.resolve("root.tar"), other.resolve("input"));
        TimeZone zone = TimeZone.getDefault();
        Locale locale = Locale.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            Locale.setDefault(Locale.forLanguageTag("ar-SA-u-nu-arab"));
            build(request(rootfs, "1", other.resolve("out")));
        } finally {
            TimeZone.setDefault(zone);
            Locale.setDefault(locale);
        }
        for (String name : names(first)) {
            Path second = other.resolve("out").resolve(name);
            assertEquals(-1, Files.mismatch(first.resolve(name), second), name);
        }
    }

    @Test
    void givesEachVersionARootHashOfItsOwn() throws Exception {
        Path rootfs = TestingRoot.tar().in(folder);
        ReleaseManifest one = build(request(rootfs, "1", folder.resolve("1")));
        ReleaseManifest two = build(request(rootfs, "2", folder.resolve("2")));
        assertNotEquals(one.verity().rootHash(), two.verity().rootHash());
        assertEquals(one.verity().salt(), two.verity().salt());
    }

    @Test
    void takesSaltAndBootFilesThatAreGiven() throws Exception {
        byte[] kernel = Arrays.copyOf(TestingPe.kernel(7), 4096);
        ByteBuffer.wrap(kernel).put(0x202, TestingTar.bytes("HdrS"));
        kernel[0x20e] = 0;
        kernel[0x20f] = 0x0a;
        ByteBuffer.wrap(kernel).put(0xc00, TestingTar.bytes("7.0.1 (root@build) #1"));
        BuildRequest request =
                new BuildRequest(
                        TestingRoot.withoutKernel().directory("usr/lib/modules/7.0.1").in(folder),
                        ImageChoice.any(),
                        "edge",
                        "1",
                        Usage.ROOT,
                        folder.resolve("out"),
                        1,
                        new BuildRequest.BootOverrides(
                                Optional.of(Files.write(folder.resolve("k"), kernel)),
                                List.of(Files.writeString(folder.resolve("i"), "070701given")),
                                List.of(),
                                Optional.of(Files.write(folder.resolve("s"), TestingPe.stub())),
                                BuildRequest.BootOverrides.DEFAULT_ESP_SIZE_BYTES),
                        BuildRequest.Signatures.none(),
                        "",
                        Recipe.none(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.of("00ff"),
                        3,
                        1);
        assertEquals("00ff", build(request).verity().salt());
        byte[] uki = Files.readAllBytes(folder.resolve("out").resolve("edge_1.efi"));
        assertEquals(Optional.of("7.0.1"), Uki.read(RandomAccess.of(uki)).text(".uname"));
    }

    @Test
    void refusesAnInitrdThatIsNone() throws Exception {
        String path = "boot/initrd.img-" + TestingRoot.KERNEL_VERSION;
        for (String initrd : List.of("", "no cpio", "\u001f\u008b\u0008", "07070")) {
            Path rootfs = TestingRoot.tar().file(path, initrd).in(folder);
            assertEquals(
                    FailureCode.INITRD_MALFORMED,
                    refusal(request(rootfs, "1", folder.resolve("out"))),
                    initrd);
        }
    }

    @Test
    void leavesNothingWhenItRefusesTheInput() throws Exception {
        Path out = folder.resolve("out");
        byte[] tar = TestingRoot.tar().finished();
        Path cut = Files.write(folder.resolve("cut.tar"), Arrays.copyOf(tar, tar.length - 3000));
        assertEquals(FailureCode.TAR_MALFORMED, refusal(request(cut, "1", out)));
        Path noKernel = TestingRoot.withoutKernel().in(folder);
        assertEquals(FailureCode.INPUT_MISSING, refusal(request(noKernel, "1", out)));
        assertEquals(FailureCode.INPUT_MISSING, refusal(request(folder.resolve("none"), "1", out)));
        Path good = TestingRoot.tar().in(folder);
        assertEquals(FailureCode.NAME_INVALID, refusal(request(good, "1_2", out)));
        assertEquals(
                FailureCode.INPUT_MISSING,
                refusal(request(good, "1", folder.resolve("none").resolve("out"))));
    }

    @Test
    void leavesNothingWhenAKernelIsNoKernel() throws Exception {
        String modules = "usr/lib/modules/" + TestingRoot.KERNEL_VERSION;
        Path rootfs =
                TestingRoot.withoutKernel()
                        .file(TestingRoot.STUB_PATH, TestingRoot.text(TestingPe.stub()))
                        .file(modules + "/vmlinuz", "no kernel")
                        .file(modules + "/initrd", "070701")
                        .in(folder);
        assertEquals(
                FailureCode.UKI_MALFORMED, refusal(request(rootfs, "1", folder.resolve("out"))));
    }

    @Test
    void refusesARootThatIsTooLargeBeforeItWritesAny() throws Exception {
        Path root = folder.resolve("root");
        Path modules = Files.createDirectories(root.resolve("usr/lib/modules/6"));
        Files.writeString(modules.resolve("vmlinuz"), "kernel");
        Files.writeString(modules.resolve("initrd"), "070701");
        Files.writeString(root.resolve("usr/lib/os-release"), "ID=test");
        Path stub = root.resolve(TestingRoot.STUB_PATH);
        Files.createDirectories(stub.getParent());
        Files.write(stub, TestingPe.stub());
        try (FileChannel sparse =
                FileChannel.open(
                        root.resolve("large"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.allocate(1), 1L << 33);
        }
        assertEquals(
                FailureCode.ROOTFS_UNSUPPORTED, refusal(request(root, "1", folder.resolve("out"))));
    }

    @Test
    void refusesAnOutputThatIsThereAndLeavesItAlone() throws Exception {
        Path release = release("1");
        byte[] manifest = Files.readAllBytes(release.resolve("release.json"));
        assertEquals(
                FailureCode.OUTPUT_EXISTS,
                refusal(request(folder.resolve("root.tar"), "1", release)));
        assertArrayEquals(manifest, Files.readAllBytes(release.resolve("release.json")));
    }
}
