package dev.flipside.updater.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One connection to the daemon's socket, over which a test sends whatever bytes it wants. */
public final class SocketClient implements AutoCloseable {
    private final SocketChannel channel;
    private final BufferedReader in;

    private SocketClient(SocketChannel channel) {
        this.channel = channel;
        this.in =
                new BufferedReader(
                        new InputStreamReader(
                                Channels.newInputStream(channel), StandardCharsets.ISO_8859_1));
    }

    public static SocketClient connect(Path socket) throws IOException {
        return new SocketClient(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /** An answer, with its body as text. */
    public record Answer(int status, List<String> headers, String body) {
        public ObjectNode json() throws FlipsideException {
            return StrictJson.parse(
                    body.getBytes(StandardCharsets.UTF_8), "answer", FailureCode.REQUEST_INVALID);
        }

        public String code() throws FlipsideException {
            return json().path("code").asText();
        }
    }

    /** A whole exchange on a connection of its own. */
    public static Answer ask(Path socket, String method, String path, String body)
            throws IOException {
        try (SocketClient client = connect(socket)) {
            client.send(request(method, path, body));
            return client.answer();
        }
    }

    public static String request(String method, String path, String body) {
        return "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(method, path, body.length(), body);
    }

    public void send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    public Answer answer() throws IOException {
        String status = line();
        List<String> headers = new ArrayList<>();
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            headers.add(header);
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
            }
        }
        char[] body = new char[length];
        int read = 0;
        while (read < length) {
            int more = in.read(body, read, length - read);
            if (more < 0) {
                throw new IOException("the answer ends early");
            }
            read += more;
        }
        return new Answer(
                Integer.parseInt(status.split(" ")[1]),
                headers,
                new String(
                        new String(body).getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.UTF_8));
    }

    /** The next line, without its end. */
    public String line() throws IOException {
        String line = in.readLine();
        if (line == null) {
            throw new IOException("the connection ended");
        }
        return line;
    }

    /** Reads up to the body. */
    public void skipHead() throws IOException {
        String line = line();
        while (!line.isEmpty()) {
            line = line();
        }
    }

    /** Whether the other side closes, with or without a last word. */
    public boolean ends() {
        try {
            int next = in.read();
            while (next >= 0) {
                next = in.read();
            }
            return true;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
