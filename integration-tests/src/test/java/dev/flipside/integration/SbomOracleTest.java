package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package managers themselves say which packages an image has. */
class SbomOracleTest {
    private static final String RPM_DATABASE = "usr/lib/sysimage/rpm/rpmdb.sqlite";

    @TempDir Path folder;

    @Test
    void dpkgListsThePackagesOfTheSboms() throws Exception {
        Path release = folder.resolve("release");
        CommandLine.flipsideImage()
                .check(
                        "build",
                        "--rootfs",
                        ErofsOracleTest.debianTar(),
                        "--product",
                        "debian",
                        "--version",
                        "1",
                        "--pack-level",
                        "1",
                        "--out",
                        release);
        String listed;
        try (LoopMount mount = new LoopMount(release.resolve("root.img"), folder)) {
            listed =
                    Tools.find("dpkg-query")
                            .check(
                                    "--admindir=" + mount.point().resolve("var/lib/dpkg"),
                                    "-W",
                                    "-f",
                                    "${Package} ${Version} arch=${Architecture}\\n");
        }
        assertListed(listed, release);
        JsonNode packages = json(release.resolve("sbom.spdx.json")).path("packages");
        long unknown = 0;
        for (JsonNode one : packages) {
            unknown += one.path("licenseDeclared").textValue().equals("NOASSERTION") ? 1 : 0;
        }
        assertTrue(unknown < packages.size() / 5, unknown + " of " + packages.size());
    }

    @Test
    void rpmListsThePackagesOfTheSboms() throws Exception {
        Path database = Files.createDirectory(folder.resolve("db"));
        for (String name : List.of("one", "two-devel", "three++")) {
            Tools.find("rpm")
                    .check(
                            "--dbpath",
                            database,
                            "-i",
                            "--justdb",
                            "--nodeps",
                            "--noscripts",
                            rpm(name));
        }
        SmallRoot root = SmallRoot.of("1");
        try (Stream<Path> files = Files.list(database)) {
            for (Path file : files.filter(one -> one.toString().contains("sqlite")).toList()) {
                String name = RPM_DATABASE.replace("rpmdb.sqlite", file.getFileName().toString());
                root.with(name, Files.readAllBytes(file));
            }
        }
        SmallReleases.build(root, "1", folder);
        Path release = folder.resolve("1");
        String listed;
        try (LoopMount mount = new LoopMount(release.resolve("root.img"), folder)) {
            Path copy = Files.createDirectory(folder.resolve("copy"));
            Files.copy(mount.point().resolve(RPM_DATABASE), copy.resolve("rpmdb.sqlite"));
            listed =
                    Tools.find("rpm")
                            .check(
                                    "--dbpath",
                                    copy,
                                    "-qa",
                                    "--qf",
                                    "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} arch=%{ARCH}\\n");
        }
        assertEquals(3, listed.lines().count(), listed);
        assertListed(listed, release);
    }

    /** A package of nothing, built here. */
    private Path rpm(String name) throws Exception {
        Path work = Files.createDirectory(folder.resolve("rpm-" + name));
        Path spec =
                Files.writeString(
                        work.resolve("spec"),
                        """
                        Name: %s
                        Epoch: 2
                        Version: 1.0~rc1
                        Release: 3.test
                        Summary: A test
                        License: GPLv2+ and MIT
                        Vendor: Test
                        BuildArch: noarch
                        %%description
                        Nothing.
                        %%files
                        """
                                .formatted(name));
        Tools.find("rpmbuild")
                .check(
                        "-bb",
                        "--define",
                        "_topdir " + work,
                        "--define",
                        "_rpmdir " + work,
                        "--define",
                        "_tmppath " + work,
                        spec);
        return work.resolve("noarch").resolve(name + "-1.0~rc1-3.test.noarch.rpm");
    }

    private static void assertListed(String listed, Path release) throws Exception {
        TreeSet<String> expected = new TreeSet<>(listed.lines().toList());
        assertEquals(listed.lines().count(), expected.size(), "each once");
        TreeSet<String> spdx = new TreeSet<>();
        for (JsonNode one : json(release.resolve("sbom.spdx.json")).path("packages")) {
            if (one.has("externalRefs")) {
                String url = one.at("/externalRefs/0/referenceLocator").textValue();
                spdx.add(line(one.path("name"), one.path("versionInfo"), url));
            }
        }
        assertEquals(expected, spdx);
        TreeSet<String> cycloneDx = new TreeSet<>();
        for (JsonNode one : json(release.resolve("sbom.cdx.json")).path("components")) {
            String url = one.path("purl").textValue();
            cycloneDx.add(line(one.path("name"), one.path("version"), url));
        }
        assertEquals(expected, cycloneDx);
    }

    private static String line(JsonNode name, JsonNode version, String url) {
        String architecture = url.substring(url.indexOf("arch="), url.indexOf("&distro="));
        return "%s %s %s".formatted(name.textValue(), version.textValue(), architecture);
    }

    private static JsonNode json(Path file) throws Exception {
        return StrictJson.parse(
                Files.readAllBytes(file), file.toString(), FailureCode.MANIFEST_MALFORMED);
    }
}
