package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@Timeout(60)
final class HttpSourceTest {
    private static final SourceLimits LIMITS = limits(Duration.ofSeconds(20));
    private static final SourceLimits IMPATIENT = limits(Duration.ofSeconds(1));

    private static SourceLimits limits(Duration stallTimeout) {
        return new SourceLimits(
                4,
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(20),
                stallTimeout,
                2);
    }

    private final byte[] file = new byte[1_000_000];
    private final List<Duration> waits = new ArrayList<>();

    HttpSourceTest() {
        new Random(11).nextBytes(file);
    }

    private HttpSource open(ScriptedServer server) {
        return HttpSource.open(server.url(), LIMITS, waits::add);
    }

    private static byte[] range(Source source, long offset, long length) throws FlipsideException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.fetchRange("a/b.pack", offset, length, piece -> copy(piece, out));
        return out.toByteArray();
    }

    private static void copy(ByteBuffer piece, ByteArrayOutputStream out) {
        byte[] bytes = new byte[piece.remaining()];
        piece.get(bytes);
        out.writeBytes(bytes);
    }

    private static FailureCode codeOf(Executable action) {
        return assertThrows(FlipsideException.class, action).failure().code();
    }

    @Test
    void fetchesASmallFileWhole() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            assertArrayEquals(file, source.fetch("x/y.json", file.length).orElseThrow());
            assertEquals("/repo/x/y.json", server.requests().getFirst().path());
            assertEquals(file.length, source.fetchedBytes());
        }
    }

    @Test
    void fetchesExactlyTheRangeThatItIsAskedFor() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            for (int[] r : new int[][] {{0, 1}, {5, 0}, {999_999, 1}, {123, 456_789}}) {
                assertArrayEquals(
                        Arrays.copyOfRange(file, r[0], r[0] + r[1]), range(source, r[0], r[1]));
            }
            assertEquals(456_791, source.fetchedBytes());
            assertEquals(3, server.requests().size());
        }
    }

    @Test
    void usesOneConnectionForRequestsThatFollowEachOther() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            for (int i = 0; i < 10; i++) {
                range(source, i * 1000L, 1000);
                source.fetch("x", file.length);
            }
            assertEquals(1, server.connections());
        }
    }

    @Test
    void saysThatThereIsNoSuchFile() throws Exception {
        for (int status : new int[] {403, 404, 410}) {
            try (var server = ScriptedServer.start((r, out) -> status(out, status));
                    HttpSource source = open(server)) {
                assertEquals(Optional.empty(), source.fetch("x", 10));
                assertEquals(FailureCode.SOURCE_FILE_MISSING, codeOf(() -> range(source, 0, 1)));
            }
        }
        assertEquals(List.of(), waits);
    }

    private static boolean status(OutputStream out, int status) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 " + status + " X\nContent-Length: 3\n");
        out.write(new byte[] {'a', 'b', 'c'});
        return true;
    }

    @Test
    void refusesAFileThatIsLargerThanItMayBe() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_TOO_LARGE, codeOf(() -> source.fetch("x", 999_999)));
        }
    }

    @Test
    void refusesAnEndlessFileOfUnknownLength() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> endless(out));
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_TOO_LARGE, codeOf(() -> source.fetch("x", 200_000)));
            assertTrue(source.fetchedBytes() < 2_000_000, "fetched " + source.fetchedBytes());
        }
    }

    private static boolean endless(OutputStream out) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n");
        while (true) {
            out.write("1000\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[4096]);
            out.write(new byte[] {'\r', '\n'});
        }
    }

    @Test
    void goesOnAtTheByteWhereTheConnectionBroke() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    long[] range = r.range().orElseThrow();
                                    ScriptedServer.writePartialHead(
                                            out, range[0], range[1], file.length);
                                    long left = range[1] - range[0] + 1;
                                    out.write(file, (int) range[0], (int) Math.min(left, 150_000));
                                    return left <= 150_000;
                                });
                HttpSource source = open(server)) {
            assertArrayEquals(file, range(source, 0, file.length));
            long next = 0;
            for (ScriptedServer.Request request : server.requests()) {
                assertEquals(next, request.range().orElseThrow()[0]);
                next += 150_000;
            }
            assertEquals(7, server.requests().size());
            assertEquals(file.length, source.fetchedBytes());
            assertEquals(List.of(), waits);
        }
    }

    @Test
    void triesAgainWithWaitsThatDoubleAndGivesUp() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> status(out, 503));
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> range(source, 0, 10)));
            assertEquals(8, server.requests().size());
            assertEquals(
                    List.of(1L, 2L, 3L, 1L, 2L, 3L),
                    waits.stream().map(Duration::toSeconds).toList());
        }
    }

    @Test
    void staysAwayAsLongAsTheServerAsksWithinTheLimit() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    String after = r.number() == 0 ? "2" : "99999";
                                    if (r.number() == 2) {
                                        return ScriptedServer.serveWell(file, r, out);
                                    }
                                    ScriptedServer.write(
                                            out,
                                            "HTTP/1.1 429 X\nContent-Length: 0\nRetry-After: "
                                                    + after
                                                    + "\n");
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertArrayEquals(file, source.fetch("x", file.length).orElseThrow());
            assertEquals(List.of(2L, 3L), waits.stream().map(Duration::toSeconds).toList());
        }
    }

    @Test
    void givesUpWhenEveryConnectionBringsNearlyNothing() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    long[] range = r.range().orElseThrow();
                                    ScriptedServer.writePartialHead(
                                            out, range[0], range[1], file.length);
                                    out.write(file, (int) range[0], 100);
                                    return false;
                                });
                HttpSource source = open(server)) {
            assertEquals(
                    FailureCode.SOURCE_UNREACHABLE, codeOf(() -> range(source, 0, file.length)));
            assertEquals(4, server.requests().size());
        }
    }

    @Test
    void leavesAServerThatStalls() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    if (r.number() > 0) {
                                        return ScriptedServer.serveWell(file, r, out);
                                    }
                                    ScriptedServer.writePartialHead(
                                            out, 0, file.length - 1, file.length);
                                    out.write(file, 0, 70_000);
                                    out.flush();
                                    new CountDownLatch(1).await();
                                    return false;
                                });
                HttpSource source = HttpSource.open(server.url(), IMPATIENT, waits::add)) {
            assertArrayEquals(file, range(source, 0, file.length));
            assertEquals(70_000, server.requests().get(1).range().orElseThrow()[0]);
        }
    }

    @Test
    void leavesAServerThatNeverAnswers() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    new CountDownLatch(1).await();
                                    return false;
                                });
                HttpSource source = HttpSource.open(server.url(), IMPATIENT, waits::add)) {
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
            assertEquals(3, waits.size());
        }
    }

    @Test
    void leavesAServerThatDripsBytes() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    long[] range = r.range().orElseThrow();
                                    ScriptedServer.writePartialHead(
                                            out, range[0], range[1], file.length);
                                    while (true) {
                                        out.write(1);
                                        out.flush();
                                        new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS);
                                    }
                                });
                HttpSource source = HttpSource.open(server.url(), IMPATIENT, waits::add)) {
            assertEquals(
                    FailureCode.SOURCE_UNREACHABLE, codeOf(() -> range(source, 0, file.length)));
        }
    }

    @Test
    void refusesARangeThatItDidNotAskFor() throws Exception {
        for (String header :
                List.of(
                        "Content-Range: bytes 11-20/1000",
                        "Content-Range: bytes 10-20/1000",
                        "Content-Range: bytes 10-9/1000",
                        "Content-Range: bytes 10-19",
                        "Content-Range: bytes */1000",
                        "Content-Range: lines 10-19/1000",
                        "X: none")) {
            try (var server =
                            ScriptedServer.start(
                                    (r, out) -> {
                                        ScriptedServer.write(
                                                out,
                                                "HTTP/1.1 206 X\nContent-Length: 10\n"
                                                        + header
                                                        + "\n");
                                        out.write(file, 0, 10);
                                        return true;
                                    });
                    HttpSource source = open(server)) {
                assertEquals(
                        FailureCode.SOURCE_STATUS, codeOf(() -> range(source, 10, 10)), header);
                assertEquals(0, source.fetchedBytes());
            }
        }
    }

    @Test
    void refusesALengthThatIsNotThatOfTheRange() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.write(
                                            out,
                                            "HTTP/1.1 206 X\nContent-Length: 500",
                                            "Content-Range: bytes 10-19/1000\n");
                                    out.write(file, 0, 500);
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_STATUS, codeOf(() -> range(source, 10, 10)));
        }
    }

    @Test
    void neverHandsOverMoreThanTheRangeOfAChunkedAnswer() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.write(
                                            out,
                                            "HTTP/1.1 206 X\nTransfer-Encoding: chunked",
                                            "Content-Range: bytes 10-19/1000\n");
                                    out.write("64\r\n".getBytes(StandardCharsets.US_ASCII));
                                    out.write(file, 10, 100);
                                    out.write("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertArrayEquals(Arrays.copyOfRange(file, 10, 20), range(source, 10, 10));
        }
    }

    @Test
    void takesAPartOfTheRangeAndAsksForTheRest() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    long[] range = r.range().orElseThrow();
                                    long last = Math.min(range[1], range[0] + 99_999);
                                    ScriptedServer.writePartialHead(
                                            out, range[0], last, file.length);
                                    out.write(file, (int) range[0], (int) (last - range[0] + 1));
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertArrayEquals(file, range(source, 0, file.length));
            assertEquals(10, server.requests().size());
        }
    }

    @Test
    void takesTheBeginningOfAFileFromAServerWithoutRanges() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.write(
                                            out, "HTTP/1.1 200 OK\nContent-Length: 1000000\n");
                                    out.write(file);
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertArrayEquals(file, range(source, 0, file.length));
            assertArrayEquals(Arrays.copyOf(file, 1000), range(source, 0, 1000));
            assertEquals(FailureCode.SOURCE_STATUS, codeOf(() -> range(source, 1, 10)));
            assertEquals(FailureCode.SOURCE_TOO_SHORT, codeOf(() -> range(source, 0, 1_000_001)));
        }
    }

    @Test
    void saysThatTheFileIsTooShort() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> status(out, 416));
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_TOO_SHORT, codeOf(() -> range(source, 0, 1)));
        }
    }

    @Test
    void refusesStatusesAndEncodingsThatNoFileServerSends() throws Exception {
        for (int status : new int[] {201, 204, 205, 300, 304, 400, 401, 407, 418, 501, 599}) {
            try (var server = ScriptedServer.start((r, out) -> status(out, status));
                    HttpSource source = open(server)) {
                assertEquals(
                        FailureCode.SOURCE_STATUS,
                        codeOf(() -> source.fetch("x", 10)),
                        "" + status);
                assertEquals(
                        FailureCode.SOURCE_STATUS, codeOf(() -> range(source, 0, 1)), "" + status);
            }
        }
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.write(
                                            out,
                                            "HTTP/1.1 200 OK\nContent-Encoding: gzip",
                                            "Content-Length: 0\n");
                                    return true;
                                });
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_STATUS, codeOf(() -> source.fetch("x", 10)));
        }
    }

    @Test
    void followsFewRedirectsAndKeepsTheRange() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) ->
                                        r.path().equals("/final")
                                                ? ScriptedServer.serveWell(file, r, out)
                                                : redirect(
                                                        out,
                                                        r.path().equals("/other")
                                                                ? "/final"
                                                                : "/other"));
                HttpSource source = open(server)) {
            assertArrayEquals(Arrays.copyOfRange(file, 7, 17), range(source, 7, 10));
        }
    }

    private static boolean redirect(OutputStream out, String to) throws IOException {
        ScriptedServer.write(out, "HTTP/1.1 302 X\nContent-Length: 0\nLocation: " + to + "\n");
        return true;
    }

    @Test
    void refusesRedirectsInACircleOrToOtherSchemes() throws Exception {
        for (String to :
                List.of("/again", "file:///etc/shadow", "ftp://h/", "http://u:p@h/", ":")) {
            try (var server = ScriptedServer.start((r, out) -> redirect(out, to));
                    HttpSource source = open(server)) {
                assertEquals(FailureCode.SOURCE_STATUS, codeOf(() -> source.fetch("x", 10)), to);
                assertTrue(server.requests().size() <= 3);
            }
        }
    }

    @Test
    void reportsAServerThatIsNotThere() throws Exception {
        URI gone;
        try (var server = ScriptedServer.start((r, out) -> false)) {
            gone = server.url();
        }
        try (HttpSource source = HttpSource.open(gone, LIMITS, waits::add)) {
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
            assertEquals(3, waits.size());
        }
    }

    @Test
    void refusesAnswersThatAreNotHttp() throws Exception {
        for (String garbage : List.of("SSH-2.0-x", "HTTP/1.1 abc X", "")) {
            try (var server =
                            ScriptedServer.start(
                                    (r, out) -> {
                                        ScriptedServer.write(out, garbage);
                                        return false;
                                    });
                    HttpSource source = open(server)) {
                assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
            }
        }
    }

    @Test
    void refusesHeadersWithoutEnd() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.write(
                                            out,
                                            "HTTP/1.1 200 OK",
                                            "X: ".repeat(5) + "y".repeat(1 << 20));
                                    return false;
                                });
                HttpSource source = open(server)) {
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
        }
    }

    @Test
    void refusesPathsThatLeaveTheRepositoryWithoutARequest() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            for (String path :
                    List.of(
                            "", "/x", "../x", "x/../y", "x//y", "x?y", "x#y", "x%2e", "x y",
                            "x\n")) {
                assertEquals(
                        FailureCode.METADATA_MALFORMED, codeOf(() -> source.fetch(path, 1)), path);
            }
            assertEquals(0, server.requests().size());
        }
    }

    @Test
    void stopsReadingWhenTheSinkFails() throws Exception {
        try (var server = ScriptedServer.start((r, out) -> ScriptedServer.serveWell(file, r, out));
                HttpSource source = open(server)) {
            FlipsideException bad =
                    new FlipsideException(FailureCode.BLOCK_MISMATCH, "a", "b", "c", "d");
            assertEquals(
                    FailureCode.BLOCK_MISMATCH,
                    codeOf(
                            () ->
                                    source.fetchRange(
                                            "x",
                                            0,
                                            file.length,
                                            piece -> {
                                                throw bad;
                                            })));
            assertArrayEquals(Arrays.copyOf(file, 10), range(source, 0, 10));
        }
    }

    @Test
    void holdsTheServerBackWhileTheSinkIsBusy() throws Exception {
        byte[] large = new byte[64 << 20];
        AtomicLong sent = new AtomicLong();
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.writePartialHead(
                                            out, 0, large.length - 1, large.length);
                                    for (int i = 0; i < large.length; i += 1 << 16) {
                                        out.write(large, i, 1 << 16);
                                        sent.addAndGet(1 << 16);
                                    }
                                    return true;
                                });
                HttpSource source = open(server)) {
            long[] received = new long[1];
            source.fetchRange(
                    "x",
                    0,
                    large.length,
                    piece -> {
                        if (received[0] == 0) {
                            aWhile();
                            // Socket buffers of the kernel hold some; the heap must not hold all.
                            assertTrue(sent.get() < 32 << 20, "sent " + sent.get());
                        }
                        received[0] += piece.remaining();
                    });
            assertEquals(large.length, received[0]);
        }
    }

    /** Long enough for a server that is not held back to send everything. */
    private static void aWhile() {
        try {
            assertFalse(new CountDownLatch(1).await(1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
