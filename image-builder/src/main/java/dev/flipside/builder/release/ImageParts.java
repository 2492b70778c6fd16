package dev.flipside.builder.release;

import dev.flipside.boot.uki.Uki;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest.Artifact.ImagePart;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Which bytes of the UKI are bytes of the image, too: a kernel, initrd or stub that was taken from
 * the root file system. A host that has the image need not fetch them again.
 */
final class ImageParts {
    private static final int COMPARED_BYTES = 1 << 16;

    private final RandomAccess image;
    private final boolean sameImage;
    private final IdentityHashMap<RandomAccess, Long> offsets = new IdentityHashMap<>();

    private ImageParts(RandomAccess image, boolean sameImage) {
        this.image = image;
        this.sameImage = sameImage;
    }

    static ImageParts of(RandomAccess image) {
        return new ImageParts(image, true);
    }

    /** An image that no host will have: its compressed form has none of these bytes. */
    static ImageParts ofAnother(RandomAccess image) {
        return new ImageParts(image, false);
    }

    /** A file in the image; what is read through it can be told apart later. */
    RandomAccess open(long offsetBytes, long sizeBytes) {
        RandomAccess file = image.slice(offsetBytes, sizeBytes);
        if (sameImage) {
            offsets.put(file, offsetBytes);
        }
        return file;
    }

    /**
     * The parts of a finished UKI. Each is compared, so that whatever was done to the file after it
     * was put together, no host assembles another one.
     */
    List<ImagePart> in(RandomAccess uki, List<Uki.Placement> placements) throws IOException {
        List<ImagePart> parts = new ArrayList<>();
        for (Uki.Placement placement : placements) {
            Long start = offsets.get(placement.source());
            if (start == null || placement.sizeBytes() == 0) {
                continue;
            }
            ImagePart part =
                    new ImagePart(
                            placement.offsetBytes(),
                            start + placement.sourceOffsetBytes(),
                            placement.sizeBytes());
            if (isSame(uki, part)) {
                parts.add(part);
            }
        }
        return parts;
    }

    private boolean isSame(RandomAccess uki, ImagePart part) throws IOException {
        byte[] one = new byte[COMPARED_BYTES];
        byte[] other = new byte[COMPARED_BYTES];
        for (long done = 0; done < part.sizeBytes(); done += COMPARED_BYTES) {
            int count = (int) Math.min(COMPARED_BYTES, part.sizeBytes() - done);
            uki.read(ByteBuffer.wrap(one, 0, count), part.offsetBytes() + done);
            image.read(ByteBuffer.wrap(other, 0, count), part.imageOffsetBytes() + done);
            if (!Arrays.equals(one, 0, count, other, 0, count)) {
                return false;
            }
        }
        return true;
    }
}
