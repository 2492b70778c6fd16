package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HttpAnswersTest {
    private static final URI PLAIN = URI.create("http://host/repo/x");
    private static final URI SECURE = URI.create("https://host/repo/x");

    private static void assertRefuses(URI from, String location, int left) {
        FlipsideException e =
                assertThrows(
                        FlipsideException.class,
                        () -> HttpAnswers.redirect(location, from, left),
                        String.valueOf(location));
        assertEquals(FailureCode.SOURCE_STATUS, e.failure().code());
    }

    @Test
    void followsARedirectThatKeepsTheProtection() throws Exception {
        assertEquals(
                URI.create("https://other/y"), HttpAnswers.redirect("https://other/y", PLAIN, 1));
        assertEquals(
                URI.create("https://other/y"), HttpAnswers.redirect("https://other/y", SECURE, 1));
        assertEquals(URI.create("https://host/y"), HttpAnswers.redirect("/y", SECURE, 1));
        assertEquals(URI.create("http://host/repo/y?q=1"), HttpAnswers.redirect("y?q=1", PLAIN, 1));
    }

    @Test
    void refusesARedirectThatLosesTls() {
        assertRefuses(SECURE, "http://host/repo/x", 1);
        assertRefuses(SECURE, "HTTP://host/", 1);
    }

    @Test
    void refusesARedirectThatLeadsNowhere() {
        for (String location :
                List.of("file:///etc/shadow", "http://", "http:///x", "http://u:p@h/", "h t:")) {
            assertRefuses(URI.create("http://host"), location, 1);
        }
        assertRefuses(PLAIN, null, 1);
        assertRefuses(PLAIN, "/y", 0);
    }
}
