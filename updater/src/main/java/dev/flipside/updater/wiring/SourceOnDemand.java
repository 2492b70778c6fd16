package dev.flipside.updater.wiring;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.source.Mirrors;
import dev.flipside.updater.source.Proxies;
import dev.flipside.updater.source.Source;
import dev.flipside.updater.source.SourceLimits;
import dev.flipside.updater.source.SourceSettings;
import dev.flipside.updater.source.SourceUrl;
import dev.flipside.updater.source.TlsFiles;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The configured source, opened when it is first needed: most commands never ask it. */
final class SourceOnDemand implements AutoCloseable {
    private final UpdaterConfig.Source config;
    private final Map<String, String> environment;
    private Optional<Source> source = Optional.empty();

    /**
     * @param environment where the proxies may stand
     */
    SourceOnDemand(UpdaterConfig.Source config, Map<String, String> environment) {
        this.config = config;
        this.environment = Map.copyOf(environment);
    }

    Source get() throws FlipsideException {
        if (source.isEmpty()) {
            SourceSettings settings = settings();
            source =
                    Optional.of(
                            new Mirrors(
                                    Stream.concat(
                                                    Stream.of(config.url()),
                                                    config.mirrors().stream())
                                            .toList(),
                                    url -> open(url, settings)));
        }
        return source.get();
    }

    private static Source open(URI url, SourceSettings settings) throws FlipsideException {
        return SourceUrl.parse(url.toString()).open(settings);
    }

    private SourceSettings settings() throws FlipsideException {
        SourceLimits usual = SourceLimits.usual();
        return new SourceSettings(
                new SourceLimits(
                        config.attempts(),
                        usual.firstDelay(),
                        usual.maxDelay(),
                        config.connectTimeout(),
                        config.stallTimeout(),
                        usual.redirects()),
                proxies(),
                new TlsFiles(
                        config.caCertificates(), config.clientCertificate(), config.clientKey()),
                config.bytesPerSecond());
    }

    private Proxies proxies() throws FlipsideException {
        return switch (config.proxy()) {
            case UpdaterConfig.Proxy.OfEnvironment env -> Proxies.ofEnvironment(environment);
            case UpdaterConfig.Proxy.None none -> Proxies.none();
            case UpdaterConfig.Proxy.At at -> Proxies.at(at.url(), at.except());
        };
    }

    @Override
    public void close() {
        source.ifPresent(Source::close);
    }
}
