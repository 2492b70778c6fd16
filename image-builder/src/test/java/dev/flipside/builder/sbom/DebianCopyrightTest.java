package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DebianCopyrightTest {
    private static final String FORMAT =
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

    private static License license(String text) throws IOException {
        return DebianCopyright.license("pkg", text.getBytes(StandardCharsets.UTF_8));
    }

    private static License expression(String text) {
        return new License.Expression(text, new TreeMap<>());
    }

    @Test
    void putsTheLicensesOfAllFilesTogether() throws Exception {
        License found =
                license(
                        FORMAT
                                + "Upstream-Name: pkg\n\n"
                                + "Files: *\nCopyright: 2020 Änne\nLicense: GPL-2+\n\n"
                                + "Files: a\n b\nCopyright: x\nLicense: Expat or Artistic\n\n"
                                + "Files: debian/*\nCopyright: x\nLicense: GPL-2+\n text\n .\n more\n\n"
                                + "License: GPL-2+\n the text\n");
        assertEquals(expression("(Artistic-1.0-Perl OR MIT) AND GPL-2.0-or-later"), found);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GPL-2 | GPL-2.0-only",
                "LGPL-2.1+ | LGPL-2.1-or-later",
                "GPL-3.0+ | GPL-3.0-or-later",
                "AGPL-3 | AGPL-3.0-only",
                "GFDL-NIV-1.3+ | GFDL-1.3-no-invariants-or-later",
                "GPL-2 with Linux-syscall-note exception | GPL-2.0-only WITH Linux-syscall-note",
                "GPL-3+ with Bison exception | GPL-3.0-or-later WITH Bison-exception-2.2",
                "bsd-3-clause | BSD-3-Clause",
                "GPL-1+ or Artistic, and Expat | (Artistic-1.0-Perl OR GPL-1.0-or-later) AND MIT",
                "GPL-2+ and ISC or MIT | (GPL-2.0-or-later AND ISC) OR MIT",
            })
    void knowsTheShortNames(String synopsis, String expected) throws Exception {
        License found = license(FORMAT + "\nFiles: *\nLicense: " + synopsis + "\n");
        assertEquals(expression(expected), found);
    }

    @Test
    void refersToTheFileForALicenseThatIsNotOnTheList() throws Exception {
        License found = license(FORMAT + "\nFiles: *\nLicense: public-domain and Expat\n");
        assertEquals(
                new License.Expression(
                        "LicenseRef-debian-pkg-public-domain AND MIT",
                        new TreeMap<>(
                                Map.of(
                                        "LicenseRef-debian-pkg-public-domain",
                                        "The license 'public-domain' in /usr/share/doc/pkg/copyright of the image."))),
                found);
    }

    @Test
    void knowsNothingOfOtherFiles() throws Exception {
        License unknown = new License.Unknown();
        assertEquals(unknown, license(""));
        assertEquals(unknown, license("This is free software.\n\nLicense: GPL\n"));
        assertEquals(unknown, license("Format: other\n\nFiles: *\nLicense: MIT\n"));
        assertEquals(unknown, license(FORMAT));
        assertEquals(unknown, license(FORMAT + "\nFiles: *\nLicense: see below!\n"));
        assertEquals(unknown, license(FORMAT + "\nFiles: *\nCopyright: x\n"));
        assertEquals(unknown, license(FORMAT + "\nFiles: *\nno field\n"));
    }

    @Test
    void everyExpressionIsOneForOtherReaders() throws Exception {
        String words =
                "GPL-2+ and or , with exception MIT public-domain ( ) a/b\n Files: License: ";
        String[] tokens = words.split(" ");
        for (long seed = 0; seed < 3_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text = new StringBuilder(FORMAT + "\nFiles: *\nLicense: ");
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(tokens[random.nextInt(tokens.length)])
                        .append(random.nextInt(9) == 0 ? "" : " ");
            }
            if (license(text.toString()) instanceof License.Expression(String found, var _)) {
                assertEquals(
                        Optional.of(found),
                        LicenseExpression.parse(found, "").map(License.Expression::text),
                        "seed " + seed + ": " + text);
            }
        }
    }
}
