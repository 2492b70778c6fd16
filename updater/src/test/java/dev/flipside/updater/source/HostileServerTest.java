package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that lie, stall, drip, and send what nobody asked for. */
@Timeout(60)
final class HostileServerTest extends ServedFile {
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
                HttpSource source =
                        HttpSource.open(server.url(), SourceSettings.of(IMPATIENT), waits::add)) {
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
                HttpSource source =
                        HttpSource.open(server.url(), SourceSettings.of(IMPATIENT), waits::add)) {
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
                HttpSource source =
                        HttpSource.open(server.url(), SourceSettings.of(IMPATIENT), waits::add)) {
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
}
