package dev.flipside.builder.sbom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class RpmHeaderTest {
    private static final byte[] WHOLE =
            new TestingRpmHeader()
                    .raw(63, 7, new byte[16])
                    .string(1000, "bash")
                    .string(1001, "5.2.26")
                    .string(1002, "3.azl3")
                    .number(1003, 0x9000_0000)
                    .string(1011, "Microsoft Corporation")
                    .string(1014, "GPL-3.0-or-later")
                    .string(1022, "x86_64")
                    .string(1044, "bash-5.2.26-3.azl3.src.rpm")
                    .string(1000, "a later name")
                    .bytes();

    private static void refused(byte[] blob) {
        FlipsideException refusal =
                assertThrows(FlipsideException.class, () -> RpmHeader.parse(blob, "db"));
        assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, refusal.failure().code());
    }

    @Test
    void readsWhatAnSbomSays() throws Exception {
        assertEquals(
                new InstalledPackage(
                        InstalledPackage.Kind.RPM,
                        "bash",
                        "5.2.26-3.azl3",
                        Optional.of(0x9000_0000L),
                        Optional.of("x86_64"),
                        new License.Expression("GPL-3.0-or-later", new TreeMap<>(Map.of())),
                        Optional.of(
                                new InstalledPackage.Supplier(
                                        "Microsoft Corporation", Optional.empty())),
                        Optional.of("bash-5.2.26-3.azl3.src.rpm")),
                RpmHeader.parse(WHOLE, "db"));
    }

    @Test
    void keepsTheWordsOfALicenseThatIsNoExpression() throws Exception {
        byte[] blob = TestingRpmHeader.of("a", "1", "2").string(1014, "GPLv2+ and MIT").bytes();
        InstalledPackage found = RpmHeader.parse(blob, "db");
        assertEquals(new License.Named("GPLv2+ and MIT"), found.license());
        assertEquals("1-2", found.fullVersion());
        assertEquals(Optional.empty(), found.architecture());
    }

    @Test
    void refusesHeadersThatDoNotHoldTogether() {
        refused(new byte[0]);
        refused(new byte[8]);
        refused(Arrays.copyOf(WHOLE, WHOLE.length - 1));
        refused(Arrays.copyOf(WHOLE, WHOLE.length + 1));
        refused(new TestingRpmHeader().string(1000, "name alone").bytes());
        refused(TestingRpmHeader.of("", "1", "1").bytes());
        refused(TestingRpmHeader.of("a", "1", "1").raw(1014, 4, new byte[4]).bytes());
        refused(TestingRpmHeader.of("a", "1", "1").raw(1014, 6, new byte[0]).bytes());
        refused(TestingRpmHeader.of("a", "1", "1").raw(1003, 4, new byte[3]).bytes());
        refused(TestingRpmHeader.of("a", "1", "1").string(1014, "x".repeat(1 << 14)).bytes());
    }

    @Test
    void anyBytesAreAPackageOrRefused() {
        for (long seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] blob = WHOLE.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                blob[random.nextInt(blob.length)] = (byte) random.nextInt(256);
            }
            try {
                RpmHeader.parse(blob, "db");
            } catch (FlipsideException e) {
                assertEquals(FailureCode.PACKAGE_DATABASE_MALFORMED, e.failure().code());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
