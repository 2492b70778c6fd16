package dev.flipside.tuf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;

/**
 * Changes every byte of a signed metadata file, and asserts each time that the file is refused, or
 * that what is signed, and the threshold that is met, stay exactly as they were.
 */
public final class ByteChanges {
    private final Role role;
    private final byte[] original;
    private final byte[] signed;
    private final RootMetadata root;

    public ByteChanges(Role role) throws FlipsideException {
        TestMetadata honest = new TestMetadata();
        honest.targets.put("a", Target.of("a", new byte[3]));
        this.role = role;
        original =
                switch (role) {
                    case ROOT -> honest.rootFile();
                    case TIMESTAMP -> honest.timestampFile();
                    case SNAPSHOT -> honest.snapshotFile();
                    case TARGETS -> honest.targetsFile();
                };
        signed = parse(original).signedBytes();
        root = honest.root();
    }

    public int sizeBytes() {
        return original.length;
    }

    /**
     * @param difference which bits of the byte to turn over, 1 to 255
     * @return how many of the changed files were refused
     */
    public int refused(int difference) {
        byte[] changed = original.clone();
        int refused = 0;
        for (int i = 0; i < original.length; i++) {
            changed[i] = (byte) (original[i] ^ difference);
            try {
                SignedMetadata<? extends Metadata> accepted = parse(changed);
                accepted.checkSignedBy(root, role);
                assertArrayEquals(
                        signed,
                        accepted.signedBytes(),
                        () -> new String(changed, StandardCharsets.UTF_8));
            } catch (FlipsideException e) {
                refused++;
            }
            changed[i] = original[i];
        }
        return refused;
    }

    private SignedMetadata<? extends Metadata> parse(byte[] file) throws FlipsideException {
        return switch (role) {
            case ROOT -> SignedMetadata.root(file);
            case TIMESTAMP -> SignedMetadata.timestamp(file);
            case SNAPSHOT -> SignedMetadata.snapshot(file);
            case TARGETS -> SignedMetadata.targets(file);
        };
    }
}
