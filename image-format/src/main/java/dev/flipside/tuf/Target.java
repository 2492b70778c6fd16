package dev.flipside.tuf;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/**
 * A file that targets metadata vouches for.
 *
 * @param path below {@code targets/}, without the digest that consistent snapshots add
 */
public record Target(String path, long lengthBytes, Digests digests) {

    /** The target that a file with this content is. */
    public static Target of(String path, byte[] content) {
        return new Target(path, content.length, Digests.ofContent(content));
    }

    /** Checks that these bytes are this target (5.7.3). */
    public void check(byte[] content) throws FlipsideException {
        if (content.length != lengthBytes) {
            throw new FlipsideException(
                    FailureCode.LENGTH_MISMATCH,
                    path,
                    lengthBytes + " bytes",
                    content.length + " bytes",
                    "publish the repository again, or use another mirror");
        }
        digests.check(content, path, FailureCode.DIGEST_MISMATCH);
    }
}
