package dev.flipside.integration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP proxy on the loopback that does to each answer what a plan says. What goes through
 * CONNECT it sees only as bytes: of the faults that know HTTP it then does none.
 */
final class FaultyProxy implements AutoCloseable {
    private static final int PIECE_BYTES = 16 << 10;
    private static final int SMALL_BYTES = 4096;

    /** Little waits here, so that what was sent is hardly more than what a host got. */
    private static final int SEND_BYTES = 64 << 10;

    private static final String CLOSE = "\r\nConnection: close\r\n\r\n";
    private static final Pattern RANGE_LINE = Pattern.compile("(?im)^range:.*\r\n");
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("(?im)^(content-range: bytes )(\\d+)-");
    private static final Pattern LENGTH = Pattern.compile("(?im)^(content-length: )(\\d+)");

    private final ServerSocket socket;
    private final Plan plan;
    private final int faultyBytes;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong sentBytes = new AtomicLong();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<String> done = new CopyOnWriteArrayList<>();

    /** What happens to an answer. */
    enum Fault {
        NONE,
        /** The connection ends after so many bytes. */
        CUT,
        /** Nothing comes any more after so many bytes. */
        STALL,
        /** A byte of the body comes every now and then. */
        DRIP,
        BUSY,
        /** A byte in the middle is another one. */
        SPOIL,
        WRONG_RANGE,
        WHOLE_FILE,
        /** The length of the head is more than what comes. */
        TOO_LONG,
        TOO_SHORT,
        REDIRECT
    }

    /** Says what happens to a request, or to what goes through a CONNECT. */
    @FunctionalInterface
    interface Plan {
        Fault fault(int number, String target);
    }

    private FaultyProxy(ServerSocket socket, Plan plan, int faultyBytes) {
        this.socket = socket;
        this.plan = plan;
        this.faultyBytes = faultyBytes;
    }

    /**
     * @param faultyBytes after how many bytes of an answer a cut, a stall or a spoilt byte comes
     */
    static FaultyProxy start(int faultyBytes, Plan plan) throws IOException {
        FaultyProxy proxy =
                new FaultyProxy(
                        new ServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                        plan,
                        faultyBytes);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    String address() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /** The bytes of bodies, or of all that went through CONNECT, that were sent to hosts. */
    long sentBytes() {
        return sentBytes.get();
    }

    /** {@code FAULT TARGET} of each answer. */
    List<String> done() {
        return List.copyOf(done);
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                client.setSendBufferSize(SEND_BYTES);
                open.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            String target = head.split(" ")[1];
            Fault fault = plan.fault(asked.getAndIncrement(), target);
            done.add(fault + " " + target);
            if (head.startsWith("CONNECT ")) {
                tunnel(client, target, fault);
            } else {
                answer(client, head, URI.create(target), fault);
            }
        } catch (IOException e) {
            // One of the two has gone, which is what all this is about.
            return;
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private void tunnel(Socket client, String target, Fault fault) throws IOException {
        OutputStream out = client.getOutputStream();
        if (fault == Fault.BUSY) {
            out.write(bytes("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
            return;
        }
        int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
        try (Socket server = connect(port)) {
            out.write(bytes("HTTP/1.1 200 Connected\r\n\r\n"));
            Thread.ofVirtual().start(() -> pass(client, server));
            copy(server.getInputStream(), client, fault);
        }
    }

    private static void pass(Socket client, Socket server) {
        try {
            client.getInputStream().transferTo(server.getOutputStream());
        } catch (IOException e) {
            // The other direction ends the connection.
            return;
        }
    }

    private void answer(Socket client, String head, URI target, Fault fault) throws IOException {
        OutputStream out = client.getOutputStream();
        if (fault == Fault.BUSY || fault == Fault.REDIRECT) {
            String status = fault == Fault.BUSY ? "503 Busy" : "302 There\r\nLocation: " + target;
            out.write(
                    bytes(
                            "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                    .formatted(status)));
            return;
        }
        String asked = head.replace(target.toString(), target.getRawPath());
        if (fault == Fault.WHOLE_FILE) {
            asked = RANGE_LINE.matcher(asked).replaceAll("");
        }
        try (Socket server = connect(target.getPort())) {
            server.getOutputStream().write(bytes(asked.replace("\r\n\r\n", CLOSE)));
            String answer = changed(head(server.getInputStream()), fault);
            out.write(bytes(answer));
            copy(server.getInputStream(), client, fault);
        }
    }

    private static String changed(String head, Fault fault) {
        return switch (fault) {
            case WRONG_RANGE -> larger(CONTENT_RANGE.matcher(head), head, 1, "-");
            case TOO_LONG -> larger(LENGTH.matcher(head), head, 1000, "");
            case TOO_SHORT -> larger(LENGTH.matcher(head), head, -1, "");
            case NONE, CUT, STALL, DRIP, BUSY, SPOIL, WHOLE_FILE, REDIRECT -> head;
        };
    }

    private static String larger(Matcher number, String head, int by, String end) {
        if (!number.find() || number.group(2).equals("0")) {
            return head;
        }
        long changed = Long.parseLong(number.group(2)) + by;
        return number.replaceFirst(number.group(1) + changed + end);
    }

    private void copy(InputStream in, Socket client, Fault fault) throws IOException {
        OutputStream out = client.getOutputStream();
        byte[] piece = new byte[PIECE_BYTES];
        boolean ends = fault == Fault.CUT || fault == Fault.STALL || fault == Fault.DRIP;
        long done = 0;
        while (!ends || done < faultyBytes) {
            int wanted = (int) (ends ? Math.min(piece.length, faultyBytes - done) : piece.length);
            int read = in.read(piece, 0, wanted);
            if (read < 0) {
                return;
            }
            if (fault == Fault.SPOIL && done <= faultyBytes && faultyBytes < done + read) {
                piece[(int) (faultyBytes - done)] ^= 1;
            }
            out.write(piece, 0, read);
            done += read;
            sentBytes.addAndGet(read);
        }
        if (fault == Fault.STALL) {
            awaitTheEnd(client);
        } else if (fault == Fault.DRIP) {
            drip(in, client);
        }
    }

    private void drip(InputStream in, Socket client) throws IOException {
        client.setSoTimeout(50);
        for (int next = in.read(); next >= 0; next = in.read()) {
            client.getOutputStream().write(next);
            sentBytes.incrementAndGet();
            try {
                if (client.getInputStream().read() < 0) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // Time for the next byte.
            }
        }
    }

    private static void awaitTheEnd(Socket client) throws IOException {
        byte[] nothing = new byte[SMALL_BYTES];
        while (client.getInputStream().read(nothing) >= 0) {
            // Whatever a host says now, it gets no answer.
            nothing[0] = 0;
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no head");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket client : open) {
            client.close();
        }
    }
}
