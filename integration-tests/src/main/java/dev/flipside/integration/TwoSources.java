package dev.flipside.integration;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Conditional;
import dev.flipside.updater.source.Source;
import java.util.Optional;

/** A repository whose metadata and targets stand at two addresses. */
final class TwoSources implements Source {
    private static final String METADATA = "metadata/";
    private static final String TARGETS = "targets/";

    private final Source metadata;
    private Source targets;

    TwoSources(Source metadata) {
        this.metadata = metadata;
        this.targets = metadata;
    }

    void takeTargetsFrom(Source source) {
        targets = source;
    }

    @Override
    public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
        return of(path).fetch(below(path), maxBytes);
    }

    @Override
    public Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator)
            throws FlipsideException {
        return of(path).fetchIfChanged(below(path), maxBytes, validator);
    }

    @Override
    public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
            throws FlipsideException {
        of(path).fetchRange(below(path), offsetBytes, lengthBytes, sink);
    }

    private Source of(String path) {
        return path.startsWith(METADATA) ? metadata : targets;
    }

    private static String below(String path) {
        String folder = path.startsWith(METADATA) ? METADATA : TARGETS;
        if (!path.startsWith(folder)) {
            throw new IllegalArgumentException(path);
        }
        return path.substring(folder.length());
    }

    @Override
    public long fetchedBytes() {
        return metadata.fetchedBytes() + targets.fetchedBytes();
    }

    @Override
    public void close() {
        metadata.close();
        if (!targets.equals(metadata)) {
            targets.close();
        }
    }
}
