package dev.flipside.updater.api;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;

/**
 * The Unix socket, from when it listens until somebody has called, and as long as it has a name.
 */
final class Doorway implements AutoCloseable {
    private final SocketFile file;
    private final ServerSocketChannel socket;
    private final Selector calls;
    private final boolean readable;
    private volatile boolean shut;

    private Doorway(SocketFile file, ServerSocketChannel socket, Selector calls, boolean readable) {
        this.file = file;
        this.socket = socket;
        this.calls = calls;
        this.readable = readable;
    }

    /**
     * Listens.
     *
     * @param readers the group that may connect beside the owner; empty for none
     * @param maxQueued how many may have called before anybody answers
     */
    static Doorway open(Path path, String readers, int maxQueued) throws IOException {
        SocketFile file = SocketFile.in(path);
        ServerSocketChannel socket = null;
        try {
            socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            socket.bind(UnixDomainSocketAddress.of(file.bindPath()), maxQueued);
            socket.configureBlocking(false);
            Selector calls = Selector.open();
            socket.register(calls, SelectionKey.OP_ACCEPT);
            return new Doorway(file, socket, calls, file.publish(readers));
        } catch (IOException e) {
            if (socket != null) {
                socket.close();
            }
            file.close();
            throw e;
        }
    }

    /**
     * Waits until somebody has called, and leaves the call in the queue.
     *
     * @return false when it was shut instead
     */
    boolean waitForCall() throws IOException {
        while (!shut && calls.select() == 0) {
            // Woken for nothing.
        }
        return !shut;
    }

    /** The socket, for who is going to answer. */
    ServerSocketChannel handOver() throws IOException {
        calls.close();
        return socket;
    }

    /** Whether the readers' group exists. */
    boolean readable() {
        return readable;
    }

    /** Takes the name away, and ends the wait for a call; the socket itself stays open. */
    void shut() throws IOException {
        shut = true;
        calls.wakeup();
        file.close();
    }

    /** Takes the name away, and refuses whoever is in the queue. Nobody may be waiting any more. */
    @Override
    public void close() throws IOException {
        shut();
        socket.close();
        calls.close();
    }
}
