package dev.flipside.updater.daemon;

import dev.flipside.platform.UnixDatagram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * systemd, as sd_notify(3) and sd_watchdog_enabled(3) describe what a service tells it. Where
 * nobody supervises, nothing is told.
 */
final class Supervisor implements AutoCloseable {
    /**
     * A word that gets lost would have systemd wait for it until it gives the service up; so, as
     * sd_notify(3) does, this waits while systemd is behind.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Optional<UnixDatagram> socket;
    private final Optional<Duration> watchdog;

    private Supervisor(Optional<UnixDatagram> socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The supervisor that the environment names. */
    static Supervisor of(Map<String, String> environment, long pid) throws IOException {
        String address = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (address.isEmpty()) {
            return new Supervisor(Optional.empty(), Optional.empty());
        }
        return new Supervisor(Optional.of(UnixDatagram.to(address)), watchdog(environment, pid));
    }

    private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String of = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
        if (!micros.matches("[1-9]\\d{0,17}") || !of.equals(Long.toString(pid))) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1000));
    }

    /** How often it wants a sign of life at the latest; empty when it wants none. */
    Optional<Duration> watchdog() {
        return watchdog;
    }

    void ready() throws IOException {
        tell("READY=1");
    }

    void reloading(long monotonicMicros) throws IOException {
        tell("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicros);
    }

    void stopping() throws IOException {
        tell("STOPPING=1");
    }

    void alive() throws IOException {
        tell("WATCHDOG=1");
    }

    private void tell(String text) throws IOException {
        if (socket.isPresent()) {
            socket.get().send(text.getBytes(StandardCharsets.UTF_8), PATIENCE);
        }
    }

    @Override
    public void close() throws IOException {
        if (socket.isPresent()) {
            socket.get().close();
        }
    }
}
