package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MirrorsTest {
    private static final byte[] FILE = "0123456789".getBytes(StandardCharsets.US_ASCII);

    private final List<String> asked = new ArrayList<>();

    /** Serves one file; after so many bytes of a request it fails. */
    private final class FakeMirror implements Source {
        private final String name;
        private int failsAfter = Integer.MAX_VALUE;
        private FailureCode failure = FailureCode.SOURCE_UNREACHABLE;

        FakeMirror(String name) {
            this.name = name;
        }

        FakeMirror failing(FailureCode code, int afterBytes) {
            failure = code;
            failsAfter = afterBytes;
            return this;
        }

        @Override
        public Optional<byte[]> fetch(String path, int maxBytes) throws FlipsideException {
            asked.add(name);
            if (failsAfter == 0) {
                throw failed(failure);
            }
            return Optional.of(FILE);
        }

        @Override
        public Conditional fetchIfChanged(String path, int maxBytes, Optional<String> validator) {
            asked.add(name + validator.map(it -> " if not " + it).orElse(""));
            return new Conditional.Changed(FILE, Optional.of("etag " + name));
        }

        @Override
        public void fetchRange(String path, long offsetBytes, long lengthBytes, Sink sink)
                throws FlipsideException {
            asked.add("%s %d+%d".formatted(name, offsetBytes, lengthBytes));
            int sent = (int) Math.min(lengthBytes, failsAfter);
            sink.accept(ByteBuffer.wrap(FILE, (int) offsetBytes, sent));
            if (sent < lengthBytes) {
                throw failed(failure);
            }
        }

        @Override
        public long fetchedBytes() {
            return 7;
        }

        @Override
        public void close() {
            asked.add("close " + name);
        }
    }

    private static FlipsideException failed(FailureCode code) {
        return new FlipsideException(code, "x", "a", "b", "c");
    }

    private static Failure failure(FailureCode code) {
        return failed(code).failure();
    }

    private static Mirrors of(FakeMirror... mirrors) {
        List<URI> urls = new ArrayList<>();
        for (FakeMirror mirror : mirrors) {
            urls.add(URI.create("http://" + mirror.name + "/"));
        }
        return new Mirrors(urls, url -> mirrors[urls.indexOf(url)]);
    }

    private static byte[] range(Source source) throws FlipsideException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.fetchRange("f", 2, 8, piece -> ServedFile.copy(piece, out));
        return out.toByteArray();
    }

    private FakeMirror mirror(String name) {
        return new FakeMirror(name);
    }

    @Test
    void goesOnAtTheNextMirrorWhereTheOneBeforeBrokeOff() throws FlipsideException {
        try (Mirrors mirrors =
                of(
                        mirror("a").failing(FailureCode.SOURCE_UNREACHABLE, 3),
                        mirror("b").failing(FailureCode.SOURCE_STATUS, 1),
                        mirror("c"))) {
            assertArrayEquals("23456789".getBytes(StandardCharsets.US_ASCII), range(mirrors));
            assertEquals(List.of("a 2+8", "b 5+5", "c 6+4"), asked);
            assertEquals(21, mirrors.fetchedBytes());
        }
    }

    @Test
    void staysWithTheMirrorThatWorksUntilItStartsOver() throws FlipsideException {
        try (Mirrors mirrors =
                of(mirror("a").failing(FailureCode.SOURCE_TOO_SHORT, 0), mirror("b"))) {
            mirrors.fetch("f", 10);
            mirrors.fetch("f", 10);
            mirrors.startOver();
            mirrors.fetch("f", 10);
            assertEquals(List.of("a", "b", "b", "a", "b"), asked);
        }
    }

    @Test
    void asksEachMirrorOnceAndThenGivesUpWithAllReasons() {
        try (Mirrors mirrors =
                of(
                        mirror("a").failing(FailureCode.SOURCE_FILE_MISSING, 0),
                        mirror("b").failing(FailureCode.SOURCE_UNREACHABLE, 0))) {
            FlipsideException e = assertThrows(FlipsideException.class, () -> range(mirrors));
            assertEquals(FailureCode.SOURCE_UNREACHABLE, e.failure().code());
            assertEquals(1, e.getSuppressed().length);
            assertEquals(List.of("a 2+8", "b 2+8"), asked);
        }
    }

    @Test
    void doesNotBlameTheServerForWhatTheTakerCannotDo() {
        try (Mirrors mirrors = of(mirror("a"), mirror("b"))) {
            FlipsideException full = failed(FailureCode.SOURCE_STATUS);
            FlipsideException e =
                    assertThrows(
                            FlipsideException.class,
                            () ->
                                    mirrors.fetchRange(
                                            "f",
                                            0,
                                            3,
                                            piece -> {
                                                throw full;
                                            }));
            assertEquals(full, e);
            assertEquals(List.of("a 0+3"), asked);
        }
    }

    @Test
    void leavesAMirrorWhoseBytesAreRefusedAndComesToAnEnd() throws FlipsideException {
        try (Mirrors mirrors = of(mirror("a"), mirror("b"))) {
            Failure bad = failure(FailureCode.BLOCK_MISMATCH);
            for (int i = 0; i < 2 * Mirrors.MAX_REFUSALS - 1; i++) {
                mirrors.fetch("f", 10);
                assertTrue(mirrors.refused(bad, 100), "refusal " + i);
            }
            mirrors.fetch("f", 10);
            assertFalse(mirrors.refused(bad, 100));
            List<String> inTurns =
                    Collections.nCopies(Mirrors.MAX_REFUSALS, List.of("a", "b")).stream()
                            .flatMap(List::stream)
                            .toList();
            assertEquals(inTurns, asked);
        }
    }

    @Test
    void forgivesRefusalsWhileGoodBytesComeInBetween() {
        try (Mirrors mirrors = of(mirror("a"))) {
            for (int i = 0; i < 100; i++) {
                assertTrue(mirrors.refused(failure(FailureCode.BLOCK_MISMATCH), 65_536));
            }
        }
    }

    @Test
    void doesNotAskAServerAgainForWhatIsOldOrMissingThere() {
        for (FailureCode code :
                List.of(
                        FailureCode.METADATA_EXPIRED,
                        FailureCode.METADATA_ROLLBACK,
                        FailureCode.SOURCE_FILE_MISSING)) {
            try (Mirrors mirrors = of(mirror("a"), mirror("b"))) {
                assertTrue(mirrors.refused(failure(code), 0), code.code());
                assertFalse(mirrors.refused(failure(code), 0), code.code());
            }
        }
    }

    @Test
    void doesNotAskAgainForWhatNoServerCanMend() {
        try (Mirrors mirrors = of(mirror("a"), mirror("b"))) {
            assertFalse(mirrors.refused(failure(FailureCode.NO_ROOM), 0));
            assertFalse(mirrors.refused(failure(FailureCode.SOURCE_UNREACHABLE), 0));
        }
    }

    @Test
    void tellsAValidatorOnlyToTheMirrorThatGaveIt() throws FlipsideException {
        try (Mirrors mirrors = of(mirror("a"), mirror("b"))) {
            String validator =
                    assertInstanceOf(
                                    Conditional.Changed.class,
                                    mirrors.fetchIfChanged("f", 10, Optional.of("etag old")))
                            .validator()
                            .orElseThrow();
            mirrors.fetchIfChanged("f", 10, Optional.of(validator));
            assertTrue(mirrors.refused(failure(FailureCode.SIGNATURE_INVALID), 0));
            mirrors.fetchIfChanged("f", 10, Optional.of(validator));
            assertEquals(List.of("a", "a if not etag a", "b"), asked);
        }
    }
}
