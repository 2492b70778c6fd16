package dev.flipside.integration.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * One of QEMU's character devices, line by line. A thread reads all that comes; who waits for a
 * line has a place in it, and goes on behind the last one that was found.
 */
final class LineStream implements AutoCloseable {
    private static final int MAX_LINES = 200_000;
    private static final int MAX_LINE_BYTES = 8 << 20;
    private static final int TAIL_LINES = 40;

    private final String name;
    private final SocketChannel channel;
    private final OutputStream out;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    /** How far somebody has read. */
    final class Place {
        private int next;

        private Place(int next) {
            this.next = next;
        }

        /** The index of the line that was found last. */
        int found() {
            return next - 1;
        }

        /** The next line that the condition likes; what was passed over is not seen again. */
        String await(String what, Predicate<String> condition, Duration timeout)
                throws IOException {
            return LineStream.this.await(this, what, condition, timeout);
        }
    }

    private LineStream(String name, SocketChannel channel) {
        this.name = name;
        this.channel = channel;
        this.out = Channels.newOutputStream(channel);
    }

    /**
     * Begins to read.
     *
     * @param name for messages, as "the serial console"
     */
    static LineStream over(SocketChannel channel, String name) {
        LineStream stream = new LineStream(name, channel);
        Thread.ofPlatform().daemon().name("machine: " + name).start(stream::readAll);
        return stream;
    }

    Place start() {
        return new Place(0);
    }

    /** Before the line of that index. */
    Place at(int line) {
        return new Place(line);
    }

    /** Behind all that has been read so far. */
    Place end() {
        return new Place(lines().size());
    }

    private String await(Place place, String what, Predicate<String> condition, Duration timeout)
            throws IOException {
        long remainingNanos = timeout.toNanos();
        lock.lock();
        try {
            while (true) {
                while (place.next < lines.size()) {
                    String line = lines.get(place.next++);
                    if (condition.test(line)) {
                        return line;
                    }
                }
                if (ended || remainingNanos <= 0) {
                    throw missed(what, timeout);
                }
                remainingNanos = changed.awaitNanos(remainingNanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }

    List<String> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    void write(String line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private DeadlineMissed missed(String what, Duration timeout) {
        List<String> tail = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
        return new DeadlineMissed(
                "%s: expected %s within %d s, found %s; the last lines:%n%s"
                        .formatted(
                                name,
                                what,
                                TimeUnit.NANOSECONDS.toSeconds(timeout.toNanos()),
                                ended ? "its end" : "no such line",
                                String.join("\n", tail)));
    }

    private void readAll() {
        try (InputStream in = Channels.newInputStream(channel)) {
            StringBuilder line = new StringBuilder();
            byte[] piece = new byte[8192];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                take(line, new String(piece, 0, read, StandardCharsets.ISO_8859_1));
            }
            add(line);
        } catch (IOException e) {
            // QEMU was killed, or this side was closed: either way nothing more comes.
            return;
        } finally {
            markEnd();
        }
    }

    private void take(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || line.length() >= MAX_LINE_BYTES) {
                add(line);
            } else if (c != '\r') {
                line.append(c);
            }
        }
    }

    private void add(StringBuilder line) {
        String text =
                new String(
                        line.toString().getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.UTF_8);
        line.setLength(0);
        lock.lock();
        try {
            if (lines.size() == MAX_LINES) {
                lines.add("too many lines: what follows is in the log only");
                changed.signalAll();
            } else if (lines.size() < MAX_LINES && !text.isEmpty()) {
                lines.add(text);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void markEnd() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
