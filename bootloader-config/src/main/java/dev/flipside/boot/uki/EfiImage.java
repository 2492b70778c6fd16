package dev.flipside.boot.uki;

import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import java.io.IOException;

/** An image that firmware starts (PE32+), of which only the headers are looked at. */
public final class EfiImage {
    private EfiImage() {}

    /**
     * The architecture that an image is for.
     *
     * @param what names the file in the failure
     * @throws FlipsideException {@code uki-malformed} when it is no image for a known architecture
     */
    public static Architecture architecture(RandomAccess file, String what)
            throws IOException, FlipsideException {
        return Uki.architecture(PeHeaders.read(file, what), what);
    }
}
