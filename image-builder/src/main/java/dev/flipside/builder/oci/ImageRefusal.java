package dev.flipside.builder.oci;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/** The failures of one OCI layout or docker archive, named as the user gave it. */
public record ImageRefusal(String image) {
    private static final String ACTION = "make or fetch the image again";

    /** Something that does not follow its format. */
    public FlipsideException malformed(String where, String expected, String found) {
        return refuse(FailureCode.CONTAINER_IMAGE_MALFORMED, where, expected, found, ACTION);
    }

    FlipsideException missing(String where, String path) {
        return refuse(
                FailureCode.INPUT_MISSING, where, "file '" + path + "'", "no such file", ACTION);
    }

    FlipsideException unsupported(String where, String expected, String found, String action) {
        return refuse(FailureCode.ROOTFS_UNSUPPORTED, where, expected, found, action);
    }

    /** What was read is not what the digest, or the size beside it, stands for. */
    public FlipsideException mismatch(String where, String expected, String found) {
        return refuse(FailureCode.DIGEST_MISMATCH, where, expected, found, ACTION);
    }

    FlipsideException ambiguous(int count, String offers) {
        return refuse(
                FailureCode.CONTAINER_IMAGE_AMBIGUOUS,
                "images",
                "one",
                count + ": " + offers,
                "choose one with --image REF, --platform ARCH or both");
    }

    FlipsideException notOffered(String wanted, String offers) {
        return refuse(
                FailureCode.INPUT_MISSING,
                wanted,
                "one of the images that are there",
                offers,
                "give another --image or --platform");
    }

    private FlipsideException refuse(
            FailureCode code, String where, String expected, String found, String action) {
        return new FlipsideException(code, image + ": " + where, expected, found, action);
    }
}
