package dev.flipside.tuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every byte of every signed metadata file, changed: the file is refused, or what is signed, and
 * the threshold that is met, stay exactly as they were.
 *
 * <p>Each byte gets each of its eight bits flipped, and is replaced by each character that means
 * something to JSON. A file that then still parses, but says something else, is put to the
 * signature check for one of these changes of a byte: to the check, any two messages are alike.
 */
final class EveryByteTest {
    private static final byte[] MEANINGFUL =
            " \t\"\\{}[],:-\0\u007f".getBytes(StandardCharsets.US_ASCII);

    private final TestMetadata honest = new TestMetadata();

    private byte[] file(Role role) {
        honest.targets.put("a", Target.of("a", new byte[3]));
        return switch (role) {
            case ROOT -> honest.rootFile();
            case TIMESTAMP -> honest.timestampFile();
            case SNAPSHOT -> honest.snapshotFile();
            case TARGETS -> honest.targetsFile();
        };
    }

    private static SignedMetadata<? extends Metadata> parse(Role role, byte[] file)
            throws FlipsideException {
        return switch (role) {
            case ROOT -> SignedMetadata.root(file);
            case TIMESTAMP -> SignedMetadata.timestamp(file);
            case SNAPSHOT -> SignedMetadata.snapshot(file);
            case TARGETS -> SignedMetadata.targets(file);
        };
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedOrChangesNothing(Role role) throws FlipsideException {
        byte[] original = file(role);
        RootMetadata root = honest.root();
        byte[] signed = parse(role, original).signedBytes();
        byte[] changed = original.clone();
        int refused = 0;
        int changes = 0;
        for (int i = 0; i < original.length; i++) {
            byte oneBit = (byte) (original[i] ^ (1 << i % 8));
            for (byte replacement : replacements(original[i])) {
                changed[i] = replacement;
                changes++;
                refused += isRefused(role, changed, signed, replacement == oneBit, root) ? 1 : 0;
            }
            changed[i] = original[i];
        }
        assertTrue(refused > changes / 2, "refused " + refused + " of " + changes);
    }

    private static Set<Byte> replacements(byte original) {
        Set<Byte> replacements = new TreeSet<>();
        for (int bit = 0; bit < 8; bit++) {
            replacements.add((byte) (original ^ (1 << bit)));
        }
        for (byte meaningful : MEANINGFUL) {
            replacements.add(meaningful);
        }
        replacements.remove(original);
        return replacements;
    }

    private static boolean isRefused(
            Role role, byte[] changed, byte[] signed, boolean always, RootMetadata root) {
        SignedMetadata<? extends Metadata> parsed;
        try {
            parsed = parse(role, changed);
        } catch (FlipsideException e) {
            return true;
        }
        if (!always && !Arrays.equals(signed, parsed.signedBytes())) {
            return true;
        }
        try {
            parsed.checkSignedBy(root, role);
        } catch (FlipsideException e) {
            return true;
        }
        assertArrayEquals(
                signed, parsed.signedBytes(), () -> new String(changed, StandardCharsets.UTF_8));
        return false;
    }
}
