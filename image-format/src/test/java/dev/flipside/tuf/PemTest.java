package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class PemTest {
    // RFC 8410, clause 10.1, as OpenSSL and everyone else writes it.
    private static final String PUBLIC =
            """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----
            """;

    private static final byte[] DER =
            HexFormat.of()
                    .parseHex(
                            "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb"
                                    + "0c5c38ad703166e1");

    private static byte[] decode(String text) throws FlipsideException {
        return Pem.decode(text.getBytes(StandardCharsets.UTF_8), Pem.PUBLIC_KEY, "test");
    }

    @Test
    void readsAndWritesTheKeyOfRfc8410() throws FlipsideException {
        assertArrayEquals(DER, decode(PUBLIC));
        assertArrayEquals(DER, decode("\n" + PUBLIC.replace("\n", "\r\n")));
        assertEquals(
                PUBLIC, new String(Pem.encode(Pem.PUBLIC_KEY, DER), StandardCharsets.US_ASCII));
    }

    @Test
    void breaksLinesAfter64Characters() throws FlipsideException {
        byte[] der = new byte[100];
        byte[] pem = Pem.encode(Pem.PRIVATE_KEY, der);
        assertArrayEquals(der, Pem.decode(pem, Pem.PRIVATE_KEY, "test"));
        assertEquals(
                64,
                new String(pem, StandardCharsets.US_ASCII)
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow()
                        .length());
    }

    @Test
    void refusesWhatIsNotOneKeyOfThatKind() {
        for (String text :
                new String[] {
                    "",
                    "-----BEGIN PUBLIC KEY-----",
                    "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----x",
                    PUBLIC.replace("PUBLIC", "PRIVATE"),
                    PUBLIC.replace("Gb9", "G*9"),
                    PUBLIC + PUBLIC,
                    "a: b\n" + PUBLIC
                }) {
            assertRefused(FailureCode.KEY_INVALID, () -> decode(text));
        }
    }
}
