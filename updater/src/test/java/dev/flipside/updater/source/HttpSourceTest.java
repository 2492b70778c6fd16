package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading from a server, and going on when it breaks. */
@Timeout(60)
final class HttpSourceTest extends ServedFile {
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
    void takesAnAnswerThatIsWholeWhenTheConnectionEndsRightBehindIt() throws Exception {
        try (var server =
                        ScriptedServer.start(
                                (r, out) -> {
                                    ScriptedServer.serveWell(file, r, out);
                                    return false;
                                });
                HttpSource source = open(server)) {
            int answers = 300;
            for (int i = 1; i <= answers; i++) {
                int length = i * (file.length / answers);
                assertArrayEquals(Arrays.copyOf(file, length), range(source, 0, length));
            }
            assertEquals(answers, server.requests().size());
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

    @Test
    void reportsAServerThatIsNotThere() throws Exception {
        URI gone;
        try (var server = ScriptedServer.start((r, out) -> false)) {
            gone = server.url();
        }
        try (HttpSource source = HttpSource.open(gone, SourceSettings.of(LIMITS), waits::add)) {
            assertEquals(FailureCode.SOURCE_UNREACHABLE, codeOf(() -> source.fetch("x", 10)));
            assertEquals(3, waits.size());
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
}
