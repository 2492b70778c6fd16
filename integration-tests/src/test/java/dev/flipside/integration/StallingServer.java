package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves files over HTTP, and stalls in the middle of the first block pack. */
final class StallingServer implements AutoCloseable {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private final ServerSocket socket;
    private final Path root;
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    private StallingServer(ServerSocket socket, Path root) {
        this.socket = socket;
        this.root = root;
    }

    static StallingServer of(Path root) throws IOException {
        StallingServer server =
                new StallingServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), root);
        Thread.ofPlatform().daemon().start(server::serve);
        return server;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/");
    }

    void awaitStall() throws InterruptedException {
        assertTrue(stalled.await(60, TimeUnit.SECONDS));
    }

    void goOn() {
        open.countDown();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofPlatform().daemon().start(() -> answer(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            Path file = root.resolve(head.split(" ")[1].substring(1));
            if (Files.isRegularFile(file)) {
                send(Files.readAllBytes(file), RANGE.matcher(head), client.getOutputStream());
            } else {
                client.getOutputStream().write(bytes(head("404 No", "", 0)));
            }
        } catch (IOException | InterruptedException e) {
            // The client has gone, as it does when it stops.
            return;
        }
    }

    private void send(byte[] all, Matcher range, OutputStream out)
            throws IOException, InterruptedException {
        if (!range.find()) {
            out.write(bytes(head("200 OK", "", all.length)));
            out.write(all);
            return;
        }
        int from = Integer.parseInt(range.group(1));
        int to = Math.min(all.length, Integer.parseInt(range.group(2)) + 1);
        String header = "Content-Range: bytes %d-%d/%d\r\n".formatted(from, to - 1, all.length);
        out.write(bytes(head("206 Partial", header, to - from)));
        if (open.getCount() == 0) {
            out.write(all, from, to - from);
        } else {
            out.write(all, from, (to - from) / 2);
            out.flush();
            stalled.countDown();
            open.await();
        }
    }

    private static String head(String status, String header, int lengthBytes) {
        return "HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n"
                .formatted(status, header, lengthBytes);
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no head");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        open.countDown();
        socket.close();
    }
}
