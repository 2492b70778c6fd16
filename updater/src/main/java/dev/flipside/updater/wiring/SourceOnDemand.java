package dev.flipside.updater.wiring;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.source.SourceLimits;
import dev.flipside.updater.source.SourceUrl;
import java.net.URI;
import java.util.Optional;

/** The configured source, opened when it is first needed: most commands never ask it. */
final class SourceOnDemand implements AutoCloseable {
    private final URI url;
    private Optional<Source> source = Optional.empty();

    SourceOnDemand(URI url) {
        this.url = url;
    }

    Source get() throws FlipsideException {
        if (source.isEmpty()) {
            source = Optional.of(SourceUrl.parse(url.toString()).open(SourceLimits.usual()));
        }
        return source.get();
    }

    @Override
    public void close() {
        source.ifPresent(Source::close);
    }
}
