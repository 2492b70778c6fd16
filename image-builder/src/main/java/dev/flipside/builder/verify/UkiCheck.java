package dev.flipside.builder.verify;

import dev.flipside.boot.uki.Uki;
import dev.flipside.builder.inspect.UkiFacts;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** What is checked of a UKI besides its bytes. */
final class UkiCheck {
    private static final int COMPARED_BYTES = 1 << 16;

    private UkiCheck() {}

    /**
     * A whole PE image with what every UKI of ours has, for an architecture and an image.
     *
     * @throws FlipsideException {@code uki-malformed}
     */
    static String run(RandomAccess file, Architecture architecture, String rootHash)
            throws IOException, FlipsideException {
        UkiFacts uki = UkiFacts.read(file);
        require(
                uki.architecture() == architecture,
                "an image for " + architecture.code(),
                uki.architecture().code());
        for (String name : List.of(".osrel", ".cmdline", ".uname", ".initrd", ".linux")) {
            require(
                    uki.sections().stream().map(Uki.Section::name).anyMatch(name::equals),
                    "a section '%s'".formatted(name),
                    "none");
        }
        require(
                uki.rootHash().filter(rootHash::equals).isPresent(),
                "root hash %s on the command line".formatted(rootHash),
                uki.rootHash().orElse("none"));
        return "%d sections, kernel %s, opens the image"
                .formatted(uki.sections().size(), uki.kernelVersion().orElse("not named"));
    }

    /**
     * Compares what a host takes from the image with what stands in the UKI.
     *
     * @throws FlipsideException {@code uki-malformed}
     */
    static String parts(RandomAccess file, RandomAccess image, Artifact uki)
            throws IOException, FlipsideException {
        long sum = 0;
        for (ImagePart part : uki.fromImage()) {
            byte[] one = new byte[COMPARED_BYTES];
            byte[] other = new byte[COMPARED_BYTES];
            for (long done = 0; done < part.sizeBytes(); done += COMPARED_BYTES) {
                int count = (int) Math.min(COMPARED_BYTES, part.sizeBytes() - done);
                file.read(ByteBuffer.wrap(one, 0, count), part.offsetBytes() + done);
                image.read(ByteBuffer.wrap(other, 0, count), part.imageOffsetBytes() + done);
                require(
                        Arrays.equals(one, 0, count, other, 0, count),
                        "at byte %d what the image has at byte %d"
                                .formatted(
                                        part.offsetBytes() + done, part.imageOffsetBytes() + done),
                        "other bytes");
            }
            sum += part.sizeBytes();
        }
        return "%d bytes in %d parts".formatted(sum, uki.fromImage().size());
    }

    private static void require(boolean holds, String expected, String found)
            throws FlipsideException {
        if (!holds) {
            throw new FlipsideException(
                    FailureCode.UKI_MALFORMED, "UKI", expected, found, "build the release again");
        }
    }
}
