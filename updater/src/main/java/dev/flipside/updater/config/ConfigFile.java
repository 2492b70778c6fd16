package dev.flipside.updater.config;

import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.updater.config.ConfigLayer.Given;
import dev.flipside.updater.lifecycle.RebootStrategy;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the configuration: the file that is named, and its drop-ins. A key that is not in the
 * table, or a value of another kind, is refused: a misspelt key must not be a default that nobody
 * asked for.
 */
public final class ConfigFile {
    /** The unit flipside-health.service ends a minute later, whatever is configured. */
    private static final Duration MAX_TRIAL = Duration.ofMinutes(10);

    private static final Path SOCKET = Path.of("/run/flipside/flipside.sock");

    private ConfigFile() {}

    /**
     * Reads a configuration.
     *
     * @param file the main file; it may be missing where there are drop-ins
     * @throws FlipsideException {@code config-invalid} or {@code input-missing}
     */
    public static UpdaterConfig load(Path file) throws FlipsideException {
        return complete(ConfigLayers.of(file));
    }

    /**
     * Reads a configuration to run a host by. A slip in what the operator wrote must not end the
     * trial of a release, in one slot after the other: where it is not understood, none of it
     * counts, and the host runs by what the image brings along. {@link UpdaterConfig.Policy}
     * remembers what was wrong, and no release is gone to while it is.
     *
     * @param file as for {@link #load}
     * @throws FlipsideException as {@link #load}, where what the image brings along is not enough
     */
    public static UpdaterConfig loadToRun(Path file) throws FlipsideException {
        try {
            return load(file);
        } catch (FlipsideException e) {
            try {
                return complete(ConfigLayers.ofImage(file)).misread(e.failure());
            } catch (FlipsideException ofImage) {
                e.addSuppressed(ofImage);
                throw e;
            }
        }
    }

    /** The files that a configuration is made of; the last one counts first. */
    public static List<Path> files(Path file) throws FlipsideException {
        return ConfigLayers.of(file).layers().stream().map(ConfigLayer::file).toList();
    }

    /** Every key with the value that holds, and where that comes from. */
    public static List<ConfigValue> values(Path file) throws FlipsideException {
        ConfigLayers layers = ConfigLayers.of(file);
        complete(layers);
        List<ConfigValue> values = new ArrayList<>();
        for (ConfigKey key : ConfigKey.values()) {
            Optional<Given> given = layers.given(key);
            values.add(
                    new ConfigValue(
                            key.section(),
                            key.key(),
                            given.map(it -> it.value().toString()).orElse(key.fallbackAsToml()),
                            given.map(Given::place).orElse("default")));
        }
        return values;
    }

    /**
     * Reads a configuration from the bytes of a file; relative paths are relative to its folder.
     */
    static UpdaterConfig parse(Path file, byte[] bytes) throws FlipsideException {
        Path main = file.toAbsolutePath().normalize();
        return complete(new ConfigLayers(main, List.of(ConfigLayer.parse(main, bytes))));
    }

    private static UpdaterConfig complete(ConfigLayers layers) throws FlipsideException {
        ConfigValues values = new ConfigValues(layers);
        return new UpdaterConfig(
                layers.main(),
                new SourceValues(values).source(),
                policy(values),
                new UpdaterConfig.Host(
                        values.text(ConfigKey.HOST_PRODUCT),
                        values.choice(
                                ConfigKey.HOST_ARCHITECTURE,
                                Architecture.values(),
                                Architecture::code),
                        values.optionalPath(ConfigKey.HOST_DISK),
                        values.optionalPath(ConfigKey.HOST_ESP),
                        values.path(ConfigKey.HOST_STATE),
                        values.path(ConfigKey.HOST_SYSTEM_ROOT),
                        values.path(ConfigKey.HOST_ROOT_JSON)),
                daemon(values),
                health(values),
                new UpdaterConfig.Limits(
                        values.number(ConfigKey.LIMITS_HISTORY_BYTES),
                        values.number(ConfigKey.LIMITS_LOOKUP_BYTES),
                        values.number(ConfigKey.LIMITS_THREADS)));
    }

    private static UpdaterConfig.Health health(ConfigValues values) throws FlipsideException {
        Duration deadline =
                values.duration(ConfigKey.HEALTH_DEADLINE, Duration.ofSeconds(1), MAX_TRIAL);
        Duration soak =
                values.duration(ConfigKey.HEALTH_SOAK, Duration.ZERO, MAX_TRIAL.minus(deadline));
        return new UpdaterConfig.Health(values.texts(ConfigKey.HEALTH_FOLDERS), deadline, soak);
    }

    private static UpdaterConfig.Daemon daemon(ConfigValues values) throws FlipsideException {
        boolean fileBacked = values.path(ConfigKey.HOST_SYSTEM_ROOT).getNameCount() != 0;
        Path usual =
                fileBacked ? values.path(ConfigKey.HOST_STATE).resolve("flipside.sock") : SOCKET;
        String listen = values.text(ConfigKey.DAEMON_METRICS_LISTEN);
        Optional<InetSocketAddress> metrics = LoopbackAddress.parse(listen);
        if (metrics.isEmpty() && !listen.isEmpty()) {
            throw values.invalid(
                    ConfigKey.DAEMON_METRICS_LISTEN,
                    "a loopback address and a port, as 127.0.0.1:9477,",
                    "'%s'".formatted(listen));
        }
        return new UpdaterConfig.Daemon(
                values.optionalPath(ConfigKey.DAEMON_SOCKET).orElse(usual),
                values.text(ConfigKey.DAEMON_READER_GROUP),
                metrics);
    }

    private static UpdaterConfig.Policy policy(ConfigValues values) throws FlipsideException {
        PolicyValues policy = new PolicyValues(values);
        return new UpdaterConfig.Policy(
                values.text(ConfigKey.POLICY_CHANNEL),
                values.choice(
                        ConfigKey.POLICY_REBOOT, RebootStrategy.values(), RebootStrategy::code),
                values.choice(
                        ConfigKey.POLICY_ALGORITHMS,
                        AlgorithmPolicy.values(),
                        AlgorithmPolicy::code),
                policy.timing(),
                policy.withdrawal(),
                policy.poll(),
                values.optionalPath(ConfigKey.POLICY_SENTINEL)
                        .orElse(
                                values.path(ConfigKey.HOST_SYSTEM_ROOT)
                                        .resolve("run/reboot-required")));
    }
}
