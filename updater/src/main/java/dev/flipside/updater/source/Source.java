package dev.flipside.updater.source;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FlipsideException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A repository as a host sees it: files that can be read whole or in part. Paths are relative to
 * the repository and separated by {@code /}. Nothing that comes from here is trusted.
 */
public interface Source extends AutoCloseable {
    /**
     * A small file, whole; empty when the repository says that it has none.
     *
     * @throws FlipsideException {@code source-too-large} when it is larger than {@code maxBytes},
     *     {@code source-unreachable} or {@code source-status} when no answer can be had
     */
    Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException;

    /**
     * As {@link #fetch}, where the answer may be that nothing has changed.
     *
     * @param validator what came with the file the last time, byte for byte
     */
    default Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator)
            throws FlipsideException {
        Optional<byte[]> content = fetch(path, maxBytes);
        return content.isPresent()
                ? new Conditional.Changed(content.get(), Optional.empty())
                : new Conditional.Missing();
    }

    /**
     * Part of a file, handed over piece by piece in order, and never more than was asked for. A
     * connection that breaks is taken up again where it broke.
     *
     * @throws FlipsideException as {@link #fetch}, and {@code source-file-missing}
     */
    void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException;

    /**
     * Says that what came was refused by whoever checked it, so that it is asked for elsewhere, or
     * once more: what a server sends may be spoilt on the way, and trust decides, not the server.
     *
     * @param goodBytes how much has come since the last time and was found good
     * @return whether it makes sense to ask again; after a bounded number of times without good
     *     bytes it does not
     */
    default boolean refused(Failure failure, long goodBytes) {
        return false;
    }

    /** Begins with the first address again, and forgets what was refused. */
    default void startOver() {}

    /** All bytes that came over the network, or were read from the medium, so far. */
    long fetchedBytes();

    @Override
    void close();

    /** Takes the next piece; the buffer is only valid during the call. */
    @FunctionalInterface
    interface Sink {
        void accept(ByteBuffer piece) throws FlipsideException;
    }
}
