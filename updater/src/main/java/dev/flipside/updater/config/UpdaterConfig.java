package dev.flipside.updater.config;

import dev.flipside.failure.Failure;
import dev.flipside.release.Architecture;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.updater.lifecycle.MaintenanceWindows;
import dev.flipside.updater.lifecycle.PollSchedule;
import dev.flipside.updater.lifecycle.RebootStrategy;
import dev.flipside.updater.lifecycle.StagingTime;
import dev.flipside.updater.lifecycle.Timing;
import dev.flipside.updater.lifecycle.WithdrawalResponse;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The configuration of a host, checked and complete.
 *
 * @param file the main file of the configuration, whether it is there or not
 */
public record UpdaterConfig(
        Path file,
        Source source,
        Policy policy,
        Host host,
        Daemon daemon,
        Health health,
        Limits limits) {

    /**
     * {@code [source]}: where releases come from, and how they are fetched.
     *
     * @param mirrors further addresses of the same repository, in order
     * @param caCertificates empty for those of the operating system
     * @param clientCertificate empty where the host shows none; otherwise there is a key, too
     * @param bytesPerSecond 0 for no limit
     */
    public record Source(
            URI url,
            List<URI> mirrors,
            Proxy proxy,
            Optional<Path> caCertificates,
            Optional<Path> clientCertificate,
            Optional<Path> clientKey,
            int bytesPerSecond,
            Duration stallTimeout,
            Duration connectTimeout,
            int attempts) {
        public Source {
            mirrors = List.copyOf(mirrors);
        }

        /** One address, and the defaults for all else. */
        public Source(URI url) {
            this(
                    url,
                    List.of(),
                    new Proxy.OfEnvironment(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(15),
                    6);
        }
    }

    /** What stands between the host and its servers. */
    public sealed interface Proxy {
        /** What the environment says. */
        record OfEnvironment() implements Proxy {}

        /** Nothing. */
        record None() implements Proxy {}

        /** One proxy for all hosts but some. */
        record At(URI url, List<String> except) implements Proxy {
            public At {
                except = List.copyOf(except);
            }
        }
    }

    /**
     * {@code [policy]}: what the operator wants of every update.
     *
     * @param algorithms the kinds of keys whose signatures on metadata count
     * @param withdrawal what to do when the release that runs was withdrawn
     * @param sentinel the file that asks somebody else for a reboot
     * @param misread what is wrong with the operator's configuration, where none of it counts
     */
    public record Policy(
            String channel,
            RebootStrategy reboot,
            AlgorithmPolicy algorithms,
            Timing timing,
            WithdrawalResponse withdrawal,
            PollSchedule poll,
            Path sentinel,
            Optional<Failure> misread) {
        /** The same of a configuration that was understood. */
        public Policy(
                String channel,
                RebootStrategy reboot,
                AlgorithmPolicy algorithms,
                Timing timing,
                WithdrawalResponse withdrawal,
                PollSchedule poll,
                Path sentinel) {
            this(channel, reboot, algorithms, timing, withdrawal, poll, sentinel, Optional.empty());
        }
    }

    /**
     * The same for an operator who is there and does not want to wait: no window, wave or age holds
     * the host.
     */
    public UpdaterConfig atAnyTime() {
        Timing now =
                new Timing(
                        MaintenanceWindows.always(policy.timing().zone()),
                        StagingTime.AT_ONCE,
                        Duration.ZERO,
                        false);
        return withPolicy(
                new Policy(
                        policy.channel(),
                        policy.reboot(),
                        policy.algorithms(),
                        now,
                        policy.withdrawal(),
                        policy.poll(),
                        policy.sentinel(),
                        policy.misread()));
    }

    /** The same for a host whose operator has configured something that is not understood. */
    public UpdaterConfig misread(Failure failure) {
        return withPolicy(
                new Policy(
                        policy.channel(),
                        policy.reboot(),
                        policy.algorithms(),
                        policy.timing(),
                        policy.withdrawal(),
                        policy.poll(),
                        policy.sentinel(),
                        Optional.of(failure)));
    }

    private UpdaterConfig withPolicy(Policy newPolicy) {
        return new UpdaterConfig(file, source, newPolicy, host, daemon, health, limits);
    }

    /**
     * {@code [host]}: the machine.
     *
     * @param disk empty when it is to be found from the mounted root
     * @param esp empty when it is to be found among the usual mount points
     * @param systemRoot the folder with {@code proc} and {@code sys}
     */
    public record Host(
            String product,
            Architecture architecture,
            Optional<Path> disk,
            Optional<Path> esp,
            Path state,
            Path systemRoot,
            Path rootJson) {
        /** Whether files and folders stand for disk, ESP and firmware. */
        public boolean fileBacked() {
            return systemRoot.getNameCount() != 0;
        }
    }

    /**
     * {@code [daemon]}: where the daemon is asked, and by whom.
     *
     * @param readerGroup empty when only root may ask
     * @param metricsListen a loopback address, for a scraper
     */
    public record Daemon(
            Path socket, String readerGroup, Optional<InetSocketAddress> metricsListen) {}

    /**
     * {@code [health]}: where the checks of a trial are, inside the booted root, and how long it
     * takes.
     *
     * @param deadline how long the checks may take until all have passed
     * @param soak how long they must stay so
     */
    public record Health(List<String> folders, Duration deadline, Duration soak) {
        public Health {
            folders = List.copyOf(folders);
        }
    }

    /** {@code [limits]}: what the updater may use. */
    public record Limits(int historyBytes, int lookupBytes, int threads) {}
}
