package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.FailureJson;
import dev.flipside.updater.operation.Report;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The socket of the host's daemon, from the client's side: HTTP/1.1 over a Unix socket, one
 * connection for each request. On the JDK's own channels, as a command should start at once.
 */
final class DaemonSocket {
    private static final int OK = 200;

    private final Path path;

    private DaemonSocket(Path path) {
        this.path = path;
    }

    /**
     * Looks for a daemon that listens.
     *
     * @throws FlipsideException {@code access-denied} when one may, and this user may not ask it
     */
    static Optional<DaemonSocket> find(Path path) throws FlipsideException {
        if (Files.notExists(path)) {
            return Optional.empty();
        }
        DaemonSocket socket = new DaemonSocket(path);
        try (SocketChannel _ = socket.connect()) {
            return Optional.of(socket);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("Permission denied")) {
                throw new FlipsideException(
                        new Failure(
                                FailureCode.ACCESS_DENIED,
                                path.toString(),
                                "root, or a member of the group '[daemon] reader-group'",
                                "another user",
                                "run the command as root"),
                        e);
            }
            // A socket that a daemon which is gone has left behind.
            return Optional.empty();
        }
    }

    /** For what only the daemon can do. */
    static DaemonSocket require(Path path) throws FlipsideException {
        return find(path)
                .orElseThrow(
                        () ->
                                new FlipsideException(
                                        FailureCode.DAEMON_UNREACHABLE,
                                        path.toString(),
                                        "flipsided to listen",
                                        "nobody",
                                        "start it: systemctl start flipsided"));
    }

    Report get(String name) throws FlipsideException {
        return ask("GET", name, "");
    }

    Report post(String name, ObjectNode body) throws FlipsideException {
        return ask("POST", name, StrictJson.line(body));
    }

    private Report ask(String method, String name, String body) throws FlipsideException {
        try (SocketChannel channel = connect()) {
            send(channel, method, name, body);
            HttpAnswer answer = HttpAnswer.read(Channels.newInputStream(channel));
            ObjectNode node =
                    StrictJson.parse(
                            answer.body().readAllBytes(),
                            "answer of flipsided",
                            FailureCode.DAEMON_UNREACHABLE);
            if (answer.status() == OK) {
                return Report.of(node);
            }
            throw new FlipsideException(
                    FailureJson.read(node).orElseGet(() -> odd("status " + answer.status())));
        } catch (IOException e) {
            throw new FlipsideException(odd(String.valueOf(e.getMessage())), e);
        }
    }

    /** What happens on the host, from now on. */
    Events events() throws FlipsideException {
        SocketChannel channel = null;
        try {
            channel = connect();
            send(channel, "GET", "events", "");
            HttpAnswer answer = HttpAnswer.read(Channels.newInputStream(channel));
            if (answer.status() != OK) {
                throw new IOException("status " + answer.status());
            }
            return new Events(channel, answer);
        } catch (IOException e) {
            close(channel, e);
            throw new FlipsideException(odd(String.valueOf(e.getMessage())), e);
        }
    }

    /** Who is told of events. */
    @FunctionalInterface
    interface Watcher {
        void see(ObjectNode event) throws FlipsideException;
    }

    /** The stream of events; ends when it is closed, or the daemon goes. */
    static final class Events implements AutoCloseable {
        private final SocketChannel channel;
        private final HttpAnswer answer;

        private Events(SocketChannel channel, HttpAnswer answer) {
            this.channel = channel;
            this.answer = answer;
        }

        void inBackground(Watcher watcher) {
            Thread.ofPlatform()
                    .daemon()
                    .start(
                            () -> {
                                try {
                                    follow(watcher);
                                } catch (IOException | FlipsideException e) {
                                    // Progress is a courtesy: the answer itself comes elsewhere.
                                    return;
                                }
                            });
        }

        /** Returns when the stream ends. */
        void follow(Watcher watcher) throws IOException, FlipsideException {
            Optional<byte[]> line = answer.line();
            while (line.isPresent()) {
                watcher.see(StrictJson.parse(line.get(), "event", FailureCode.DAEMON_UNREACHABLE));
                line = answer.line();
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private static void send(SocketChannel channel, String method, String name, String body)
            throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head =
                method
                        + " /v1/"
                        + name
                        + " HTTP/1.1\r\nHost: flipsided\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + content.length
                        + "\r\n\r\n";
        ByteBuffer bytes =
                ByteBuffer.allocate(head.length() + content.length)
                        .put(head.getBytes(StandardCharsets.US_ASCII))
                        .put(content)
                        .flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private Failure odd(String found) {
        return new Failure(
                FailureCode.DAEMON_UNREACHABLE,
                path.toString(),
                "an answer of flipsided",
                found,
                "see 'journalctl -u flipsided'");
    }

    private static void close(SocketChannel channel, IOException cause) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }
}
