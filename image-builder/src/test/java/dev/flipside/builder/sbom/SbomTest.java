package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.packageurl.PackageURL;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.flipside.builder.rootfs.ErofsImage;
import dev.flipside.builder.rootfs.InputNotice;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.builder.rootfs.TestingTar;
import dev.flipside.erofs.ErofsLayout;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import dev.flipside.release.Identifiers;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds both documents against the schemas of those who define them. */
final class SbomTest {
    private static final String STATUS =
            """
            Package: bash
            Status: install ok installed
            Maintainer: Matthias Klose <doko@debian.org>
            Architecture: amd64
            Version: 5.2.37-2+b8
            Source: bash (5.2.37-2)

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: libc6
            Status: install ok installed
            Architecture: amd64
            Version: 1:2.41-12~x

            """;
    private static final String COPYRIGHT =
            """
            Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

            Files: *
            License: GPL-3+ and public-domain
            """;

    private final List<InputNotice> notices = new ArrayList<>();

    @TempDir private Path folder;

    private static TestingTar folders(TestingTar tar, String path) {
        int slash = path.indexOf('/');
        while (slash >= 0) {
            tar.directory(path.substring(0, slash));
            slash = path.indexOf('/', slash + 1);
        }
        return tar.directory(path);
    }

    private static TestingTar debian() {
        TestingTar tar = folders(new TestingTar(), "var/lib/dpkg");
        folders(tar, "usr/share/doc/bash").directory("usr/lib");
        return tar.file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\n")
                .file("var/lib/dpkg/status", STATUS)
                .file("usr/share/doc/bash/copyright", COPYRIGHT)
                .symlink("usr/share/doc/libc6", "bash");
    }

    private TestingTar fedora() throws Exception {
        Path file = folder.resolve("fedora.sqlite");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            database.with(
                    TestingRpmHeader.of("curl", "8.9.1", "2.fc41")
                            .number(1003, 1)
                            .string(1011, "Fedora Project")
                            .string(1014, "curl")
                            .string(1022, "aarch64")
                            .string(1044, "curl-8.9.1-2.fc41.src.rpm")
                            .bytes());
            database.with(TestingRpmHeader.of("old", "1", "1").string(1014, "GPLv2+").bytes());
            database.with(TestingRpmHeader.of("gpg-pubkey", "a", "b").bytes());
            database.with(
                    TestingRpmHeader.of("tz", "1", "1")
                            .string(1014, "LicenseRef-Fedora-Public-Domain AND MIT")
                            .bytes());
        }
        TestingTar tar = folders(new TestingTar(), "usr/lib/sysimage/rpm");
        folders(tar, "var/lib").symlink("var/lib/rpm", "../../usr/lib/sysimage/rpm");
        return tar.file("usr/lib/os-release", "ID=fedora\nVERSION_ID=41\n")
                .file("usr/lib/sysimage/rpm/rpmdb.sqlite", latin1(file));
    }

    /** A char is a byte, as the tar takes contents. */
    private static String latin1(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private Sbom sbom(TestingTar tar, Usage usage, String rootHash) throws Exception {
        RootFileSystem root = RootFileSystem.open(tar.in(folder));
        ErofsLayout layout = ErofsLayout.plan(root.tree(), new UUID(1, 2), root.newestChange());
        Path file = Files.createTempFile(folder, "image", "");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ErofsImage.write(root, layout, out);
        }
        SbomSubject subject =
                new SbomSubject(
                        new Identifiers("edge", Architecture.X86_64, "1.2"),
                        usage,
                        Instant.parse("2026-11-01T00:00:00Z"),
                        new Artifact(Artifact.Role.IMAGE, "root.img", 4096, "ab".repeat(32)),
                        rootHash,
                        "1.0");
        Path scratch = Files.createTempDirectory(folder, "scratch");
        RandomAccess image = RandomAccess.of(Files.readAllBytes(file));
        Sbom sbom = Sbom.of(subject, image, scratch, notices::add);
        try (Stream<Path> left = Files.list(scratch)) {
            assertEquals(List.of(), left.toList());
        }
        return sbom;
    }

    private Sbom sbom(TestingTar tar) throws Exception {
        return sbom(tar, Usage.ROOT, "cd".repeat(32));
    }

    private static JsonNode json(byte[] bytes) throws Exception {
        return new ObjectMapper().readTree(bytes);
    }

    private static void valid(Sbom sbom) throws Exception {
        JsonSchemaFactory factory =
                JsonSchemaFactory.getInstance(
                        SpecVersion.VersionFlag.V7,
                        builder ->
                                builder.schemaMappers(
                                        mappers ->
                                                mappers.mapPrefix(
                                                        "http://cyclonedx.org/schema/",
                                                        "classpath:/")));
        JsonSchema cycloneDx =
                factory.getSchema(SchemaLocation.of("classpath:/bom-1.6.schema.json"));
        cycloneDx.initializeValidators();
        assertValid(cycloneDx, json(sbom.cycloneDx()));
        JsonSchema spdx =
                factory.getSchema(SchemaLocation.of("classpath:/resources/spdx-schema-v2.3.json"));
        spdx.initializeValidators();
        assertValid(spdx, json(sbom.spdx()));
    }

    private static void assertValid(JsonSchema schema, JsonNode document) {
        Set<ValidationMessage> found =
                schema.validate(
                        document,
                        context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
        assertEquals(Set.of(), found);
    }

    private static List<String> purls(Sbom sbom) throws Exception {
        List<String> spdx = new ArrayList<>();
        for (JsonNode one : json(sbom.spdx()).path("packages")) {
            one.path("externalRefs")
                    .forEach(ref -> spdx.add(ref.path("referenceLocator").textValue()));
        }
        List<String> cycloneDx = new ArrayList<>();
        json(sbom.cycloneDx())
                .path("components")
                .forEach(one -> cycloneDx.add(one.path("purl").textValue()));
        assertEquals(spdx, cycloneDx);
        for (String url : spdx) {
            assertEquals(url, new PackageURL(url).canonicalize());
        }
        return spdx;
    }

    private static List<String> declared(Sbom sbom) throws Exception {
        List<String> licenses = new ArrayList<>();
        for (JsonNode one : json(sbom.spdx()).path("packages")) {
            licenses.add(one.path("licenseDeclared").textValue());
        }
        return licenses.subList(1, licenses.size());
    }

    @Test
    void listsThePackagesOfADebianImage() throws Exception {
        Sbom sbom = sbom(debian());
        valid(sbom);
        assertEquals(
                List.of(
                        "pkg:deb/debian/bash@5.2.37-2%2Bb8?arch=amd64&distro=debian-13",
                        "pkg:deb/debian/libc6@1%3A2.41-12~x?arch=amd64&distro=debian-13"),
                purls(sbom));
        assertEquals(
                List.of(
                        "GPL-3.0-or-later AND LicenseRef-debian-bash-public-domain",
                        "GPL-3.0-or-later AND LicenseRef-debian-libc6-public-domain"),
                declared(sbom));
        JsonNode bash = json(sbom.spdx()).path("packages").get(1);
        assertEquals("built from bash 5.2.37-2", bash.path("sourceInfo").textValue());
        assertEquals("Person: Matthias Klose (doko@debian.org)", bash.path("supplier").textValue());
        assertEquals(List.of(), notices);
    }

    @Test
    void listsThePackagesOfAnRpmImageOnce() throws Exception {
        Sbom sbom = sbom(fedora());
        valid(sbom);
        assertEquals(
                List.of(
                        "pkg:rpm/fedora/curl@8.9.1-2.fc41?arch=aarch64&distro=fedora-41&epoch=1",
                        "pkg:rpm/fedora/gpg-pubkey@a-b?distro=fedora-41",
                        "pkg:rpm/fedora/old@1-1?distro=fedora-41",
                        "pkg:rpm/fedora/tz@1-1?distro=fedora-41"),
                purls(sbom));
        JsonNode document = json(sbom.spdx());
        String old = declared(sbom).get(2);
        assertTrue(old.startsWith("LicenseRef-rpm-"), old);
        assertEquals(
                List.of("curl", "NOASSERTION", old, "LicenseRef-Fedora-Public-Domain AND MIT"),
                declared(sbom));
        TreeSet<String> references = new TreeSet<>();
        document.path("hasExtractedLicensingInfos")
                .forEach(one -> references.add(one.path("licenseId").textValue()));
        assertEquals(new TreeSet<>(Set.of("LicenseRef-Fedora-Public-Domain", old)), references);
        JsonNode components = json(sbom.cycloneDx()).path("components");
        assertEquals("1:8.9.1-2.fc41", components.get(0).path("version").textValue());
        assertEquals("curl", components.at("/0/licenses/0/license/id").textValue());
        assertEquals("GPLv2+", components.at("/2/licenses/0/license/name").textValue());
    }

    @Test
    void namesTheImageByItsDigestAndRootHash() throws Exception {
        Sbom sbom = sbom(debian());
        JsonNode image = json(sbom.spdx()).path("packages").get(0);
        assertEquals("ab".repeat(32), image.at("/checksums/0/checksumValue").textValue());
        assertTrue(image.path("comment").textValue().endsWith("cd".repeat(32)));
        JsonNode component = json(sbom.cycloneDx()).at("/metadata/component");
        assertEquals("ab".repeat(32), component.at("/hashes/0/content").textValue());
        assertEquals("cd".repeat(32), component.at("/properties/1/value").textValue());
    }

    @Test
    void isTheSameBytesForTheSameImageAndAnotherDocumentForAnother() throws Exception {
        Sbom sbom = sbom(debian());
        Sbom again = sbom(debian());
        Sbom other = sbom(debian(), Usage.ROOT, "ef".repeat(32));
        assertArrayEquals(sbom.spdx(), again.spdx());
        assertArrayEquals(sbom.cycloneDx(), again.cycloneDx());
        assertNotEquals(
                json(sbom.spdx()).path("documentNamespace"),
                json(other.spdx()).path("documentNamespace"));
        assertNotEquals(
                json(sbom.cycloneDx()).path("serialNumber"),
                json(other.cycloneDx()).path("serialNumber"));
    }

    @Test
    void isValidAndSaysSoForAnImageWithoutADatabase() throws Exception {
        Sbom sbom = sbom(new TestingTar().directory("usr"));
        valid(sbom);
        assertEquals(0, sbom.packageCount());
        assertEquals(1, notices.size());
        assertTrue(notices.getFirst().line().contains("lists no packages"));
    }

    @Test
    void readsDistrolessImagesAndDatabasesOutsideOfVar() throws Exception {
        TestingTar tar = folders(new TestingTar(), "var/lib/dpkg/status.d");
        tar.file("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 13\n")
                .file("var/lib/dpkg/status.d/base.md5sums", "0123  usr/x\n");
        folders(tar, "usr/lib/sysimage/dpkg").file("usr/lib/sysimage/dpkg/status", STATUS);
        assertEquals(
                List.of(
                        "pkg:deb/linux/base-files@13?distro=linux",
                        "pkg:deb/linux/bash@5.2.37-2%2Bb8?arch=amd64&distro=linux",
                        "pkg:deb/linux/libc6@1%3A2.41-12~x?arch=amd64&distro=linux"),
                purls(sbom(tar)));
    }

    @Test
    void findsFilesInAnImageOfUsrAlone() throws Exception {
        TestingTar tar = folders(new TestingTar(), "lib/sysimage/dpkg");
        tar.file("lib/sysimage/dpkg/status", STATUS)
                .file("lib/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n");
        Sbom sbom = sbom(tar, Usage.USR, "cd".repeat(32));
        assertEquals(2, sbom.packageCount());
        assertTrue(purls(sbom).getFirst().endsWith("distro=ubuntu-24.04"), purls(sbom).toString());
    }

    @Test
    void readsWhatOnlyTheLogOfAnRpmDatabaseHas() throws Exception {
        Path file = folder.resolve("live.sqlite");
        TestingTar tar = folders(new TestingTar(), "var/lib/rpm");
        try (TestingRpmDatabase database = TestingRpmDatabase.in(file)) {
            database.with(TestingRpmHeader.of("logged", "1", "1").bytes());
            tar.file("var/lib/rpm/rpmdb.sqlite", latin1(file))
                    .file(
                            "var/lib/rpm/rpmdb.sqlite-wal",
                            latin1(folder.resolve("live.sqlite-wal")));
        }
        assertEquals(List.of("pkg:rpm/linux/logged@1-1?distro=linux"), purls(sbom(tar)));
    }

    @Test
    void saysWhichDatabaseItCannotRead() throws Exception {
        TestingTar tar = folders(new TestingTar(), "var/lib/rpm").file("var/lib/rpm/Packages", "x");
        folders(tar, "usr/share").symlink("usr/share/rpm", "../../var/lib/rpm");
        assertEquals(0, sbom(tar).packageCount());
        assertEquals(1, notices.size());
        assertTrue(notices.getFirst().line().contains("/usr/share/rpm/Packages"));
    }

    @Test
    void refusesADatabaseThatIsDamaged() {
        TestingTar tar = folders(new TestingTar(), "var/lib/dpkg");
        tar.file("var/lib/dpkg/status", "Package\n");
        FlipsideException refusal = assertThrows(FlipsideException.class, () -> sbom(tar));
        assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, refusal.failure().code());
        assertTrue(refusal.failure().toString().contains("/var/lib/dpkg/status, line 1"));
    }
}
