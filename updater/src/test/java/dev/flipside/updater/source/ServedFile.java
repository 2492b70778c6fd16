package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/** A file behind a scripted server, and a source that reads it. */
abstract class ServedFile {
    static final SourceLimits LIMITS = limits(Duration.ofSeconds(20));
    static final SourceLimits IMPATIENT = limits(Duration.ofSeconds(1));

    static SourceLimits limits(Duration stallTimeout) {
        return new SourceLimits(
                4,
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(20),
                stallTimeout,
                2);
    }

    final byte[] file = new byte[1_000_000];
    final List<Duration> waits = new ArrayList<>();

    ServedFile() {
        new Random(11).nextBytes(file);
    }

    HttpSource open(ScriptedServer server) throws FlipsideException {
        return HttpSource.open(server.url(), SourceSettings.of(LIMITS), waits::add);
    }

    static byte[] range(Source source, long offset, long length) throws FlipsideException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.fetchRange("a/b.pack", offset, length, piece -> copy(piece, out));
        return out.toByteArray();
    }

    static void copy(ByteBuffer piece, ByteArrayOutputStream out) {
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        out.writeBytes(bytes);
    }

    static FailureCode codeOf(Executable action) {
        return assertThrows(FlipsideException.class, action).failure().code();
    }

    static boolean status(OutputStream out, int status) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 " + status + " X\nContent-Length: 3\n");
        out.write(new byte[] {'a', 'b', 'c'});
        return true;
    }

    static boolean endless(OutputStream out) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n");
        while (true) {
            out.write("1000\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[4096]);
            out.write(new byte[] {'\r', '\n'});
        }
    }

    static boolean redirect(OutputStream out, String to) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 302 X\nContent-Length: 0\nLocation: " + to + "\n");
        return true;
    }

    /** Long enough for a server that is not held back to send everything. */
    static void aWhile() {
        try {
            assertFalse(new CountDownLatch(1).await(1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
