package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DpkgDatabaseTest {
    private static final String LIBC =
            """
            Package: libc6
            Status: install ok installed
            Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
            Architecture: amd64
            Source: glibc
            Version: 2.41-12+deb13u1
            Description: GNU C Library
             Shared libraries
             .
             More.
            """;

    private static List<InstalledPackage> read(String text, DpkgDatabase.Form form)
            throws IOException, FlipsideException {
        return read(text.getBytes(StandardCharsets.UTF_8), form);
    }

    private static List<InstalledPackage> read(byte[] bytes, DpkgDatabase.Form form)
            throws IOException, FlipsideException {
        PackageList packages = new PackageList();
        DpkgDatabase.read(new ByteArrayInputStream(bytes), "status", form, packages);
        return List.copyOf(packages.packages());
    }

    private static List<String> names(String text) throws IOException, FlipsideException {
        return read(text, DpkgDatabase.Form.STATUS).stream().map(InstalledPackage::name).toList();
    }

    @Test
    void readsWhatAnSbomSays() throws Exception {
        assertEquals(
                List.of(
                        new InstalledPackage(
                                InstalledPackage.Kind.DEB,
                                "libc6",
                                "2.41-12+deb13u1",
                                Optional.empty(),
                                Optional.of("amd64"),
                                new License.Unknown(),
                                Optional.of(
                                        new InstalledPackage.Supplier(
                                                "GNU Libc Maintainers",
                                                Optional.of("debian-glibc@lists.debian.org"))),
                                Optional.of("glibc 2.41-12+deb13u1"))),
                read(LIBC, DpkgDatabase.Form.STATUS));
    }

    @Test
    void listsWhatHasFilesInTheImage() throws Exception {
        StringBuilder status = new StringBuilder();
        for (String state :
                List.of(
                        "not-installed",
                        "config-files",
                        "half-installed",
                        "unpacked",
                        "half-configured",
                        "triggers-awaited",
                        "triggers-pending",
                        "installed")) {
            status.append("Package: %1$s\nStatus: hold ok %1$s\nVersion: 1\n\n".formatted(state));
        }
        assertEquals(
                List.of(
                        "half-configured",
                        "half-installed",
                        "installed",
                        "triggers-awaited",
                        "triggers-pending",
                        "unpacked"),
                names(status.toString()));
    }

    @Test
    void takesAStanzaWithoutAStatusForInstalledInTheFolderOnly() throws Exception {
        String stanza = "Package: base\nVersion: 1\n";
        assertEquals(1, read(stanza, DpkgDatabase.Form.STATUS_FOLDER).size());
        assertEquals(0, read(stanza, DpkgDatabase.Form.STATUS).size());
    }

    @Test
    void knowsASourceOfAnotherVersion() throws Exception {
        String stanza = LIBC.replace("Source: glibc", "Source: glibc-src (1:2)");
        assertEquals(
                Optional.of("glibc-src 1:2"),
                read(stanza, DpkgDatabase.Form.STATUS).getFirst().source());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no colon\n",
                " continuation\n",
                ": no name\n",
                "Package: a\nPackage: b\n",
                "Package: a\nStatus: install ok well\n",
                "Package: a\nStatus: install ok installed\n",
                "Package: a/b\nVersion: 1\nStatus: install ok installed\n",
                "Package: a\nVersion: 1 2\nStatus: install ok installed\n",
                "Version: 1\nStatus: install ok installed\n"
            })
    void refusesWhatIsNoDatabase(String text) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> read(text, DpkgDatabase.Form.STATUS));
        assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, refusal.failure().code());
    }

    @Test
    void refusesMorePackagesThanItHolds() throws Exception {
        PackageList packages = new PackageList();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i <= PackageList.MAX_PACKAGES; i++) {
            text.append("Package: p%d\nVersion: 1\nStatus: install ok installed\n\n".formatted(i));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        FlipsideException refusal =
                assertThrows(
                        FlipsideException.class,
                        () ->
                                DpkgDatabase.read(
                                        new ByteArrayInputStream(bytes),
                                        "status",
                                        DpkgDatabase.Form.STATUS,
                                        packages));
        assertEquals(FailureCode.ROOTFS_UNSUPPORTED, refusal.failure().code());
    }

    @Test
    void anyBytesArePackagesOrRefused() throws Exception {
        byte[] whole = (LIBC + "\n" + LIBC).getBytes(StandardCharsets.UTF_8);
        for (long seed = 0; seed < 5_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = whole.clone();
            for (int i = random.nextInt(1, 10); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                read(bytes, DpkgDatabase.Form.STATUS);
            } catch (FlipsideException e) {
                assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, e.failure().code());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
