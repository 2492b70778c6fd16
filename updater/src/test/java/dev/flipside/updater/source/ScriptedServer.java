package dev.flipside.updater.source;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/** A server that sends exactly the bytes that a test wants, right or wrong. */
final class ScriptedServer implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("(?im)^range: bytes=(\\d+)-(\\d+)\\s*$");

    private final ServerSocket socket;
    private final String scheme;
    private final Script script;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** The head of a request, as it came. */
    record Request(int number, String path, String head) {
        /** The first and the last byte that were asked for. */
        Optional<long[]> range() {
            Matcher matcher = RANGE.matcher(head);
            return matcher.find()
                    ? Optional.of(
                            new long[] {
                                Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))
                            })
                    : Optional.empty();
        }
    }

    /** Writes an answer; the connection is closed after it unless it says to keep it. */
    @FunctionalInterface
    interface Script {
        boolean answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    private ScriptedServer(ServerSocket socket, String scheme, Script script) {
        this.socket = socket;
        this.scheme = scheme;
        this.script = script;
        Thread.ofVirtual().start(this::accept);
    }

    static ScriptedServer start(Script script) throws IOException {
        return start(ServerSocketFactory.getDefault(), "http", script);
    }

    static ScriptedServer start(ServerSocketFactory sockets, String scheme, Script script)
            throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return new ScriptedServer(sockets.createServerSocket(0, 50, loopback), scheme, script);
    }

    URI url() {
        return URI.create(scheme + "://localhost:" + socket.getLocalPort() + "/repo/");
    }

    List<Request> requests() {
        return requests;
    }

    /** How many connections were made. */
    int connections() {
        return open.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            OutputStream out = new BufferedOutputStream(connection.getOutputStream());
            boolean kept = true;
            while (kept) {
                Optional<String> head = readHead(connection.getInputStream());
                if (head.isEmpty()) {
                    return;
                }
                Request request =
                        new Request(requests.size(), head.get().split(" ")[1], head.get());
                requests.add(request);
                kept = script.answer(request, out);
                out.flush();
            }
        } catch (IOException e) {
            // The client went away in the middle, which is what many tests are about.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Optional<String> readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            head.append((char) next);
        }
        return Optional.of(head.toString());
    }

    /** Writes a head of these lines, with the empty line behind it. */
    static void write(OutputStream out, String... lines) throws IOException {
        String head = String.join("\n", lines).stripTrailing().replace("\n", "\r\n");
        out.write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Answers as a good static server does. */
    static boolean serveWell(byte[] file, Request request, OutputStream out) throws IOException {
        Optional<long[]> range = request.range();
        if (range.isEmpty()) {
            write(out, "HTTP/1.1 200 OK\nContent-Length: " + file.length + "\n");
            out.write(file);
            return true;
        }
        long first = range.get()[0];
        long last = Math.min(range.get()[1], file.length - 1L);
        writePartialHead(out, first, last, file.length);
        out.write(file, (int) first, (int) (last - first + 1));
        return true;
    }

    static void writePartialHead(OutputStream out, long first, long last, long size)
            throws IOException {
        write(
                out,
                "HTTP/1.1 206 Partial Content\nContent-Length: %d\nContent-Range: bytes %d-%d/%d\n"
                        .formatted(last - first + 1, first, last, size));
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
    }
}
