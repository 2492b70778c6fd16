package dev.flipside.builder.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "/usr/share/doc, /usr/share/doc, true",
        "usr/share/doc/, /usr/share/doc, true",
        "/usr/share/doc, /usr/share/docs, false",
        "/usr/*/doc, /usr/share/doc, true",
        "/usr/*, /usr/share/doc, false",
        "/usr/share/do?, /usr/share/doc, true",
        "/usr/share/doc?, /usr/share/doc, false",
        "/usr/**, /usr/share/doc, true",
        "/usr/**, /usr, false",
        "**/*.pyc, /a.pyc, true",
        "**/*.pyc, /a/b/c.pyc, true",
        "**/*.pyc, /a/b/c.py, false",
        "/a/**/b, /a/b, true",
        "/a/**/b, /a/x/y/b, true",
        "/a/**/b, /a/xb, false",
        "/a/[b-d]x, /a/cx, true",
        "/a/[!b-d]x, /a/cx, false",
        "/a/[!b-d]x, /a/ex, true",
        "/a/[]x]y, /a/]y, true",
        "/a/[&^]y, /a/^y, true",
        "/a/[^x]y, /a/ay, false",
        "/a/\\*, /a/*, true",
        "/a/\\*, /a/b, false",
        "/a/x.(y)+{z}, /a/x.(y)+{z}, true",
        "/a/.*, /a/b, false",
        "/usr/lib/ä, /usr/lib/ä, true",
    })
    void matchesWholePaths(String glob, String path, boolean expected) throws Exception {
        assertEquals(expected, Glob.parse(glob).matches(ByteString.utf8(path)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//../b", ".", "a/**b", "a**", "a/[b", "a/[z-a]", "a\\"})
    void refusesWhatIsNoPattern(String glob) {
        FlipsideException refusal = assertThrows(FlipsideException.class, () -> Glob.parse(glob));
        assertEquals(FailureCode.ARGUMENT_INVALID, refusal.failure().code());
    }
}
