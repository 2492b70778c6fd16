package dev.flipside.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.release.Identifiers.Purpose;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class IdentifiersTest {
    private static final Identifiers ONE = new Identifiers("edge", Architecture.X86_64, "1");

    private static byte[] sha256(String text) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void areTheFirstBytesOfTheDigestOfTheirText() throws Exception {
        byte[] digest = sha256("flipside/1/fat-serial/edge/x86-64/1");
        assertArrayEquals(Arrays.copyOf(digest, 4), ONE.bytes(Purpose.FAT_SERIAL, 4));
        assertArrayEquals(digest, ONE.bytes(Purpose.FAT_SERIAL, 32));
        assertThrows(IllegalArgumentException.class, () -> ONE.bytes(Purpose.FAT_SERIAL, 33));
    }

    @Test
    void makeUuidsOfVersion8() throws Exception {
        for (Purpose purpose : Purpose.values()) {
            UUID uuid = ONE.uuid(purpose);
            assertEquals(8, uuid.version());
            assertEquals(2, uuid.variant());
            String digest =
                    HexFormat.of()
                            .formatHex(sha256("flipside/1/" + purpose.code() + "/edge/x86-64/1"));
            String hex = uuid.toString().replace("-", "");
            assertEquals(digest.substring(0, 12), hex.substring(0, 12));
            assertEquals(digest.substring(13, 16), hex.substring(13, 16));
            assertEquals(digest.substring(17, 32), hex.substring(17));
        }
    }

    @Test
    void keepTheSaltAcrossVersionsOnly() throws Exception {
        assertEquals(
                HexFormat.of().formatHex(sha256("flipside/1/verity-salt/edge/x86-64")), ONE.salt());
        assertEquals(ONE.salt(), new Identifiers("edge", Architecture.X86_64, "2").salt());
        assertNotEquals(ONE.salt(), new Identifiers("edge", Architecture.ARM64, "1").salt());
        assertNotEquals(ONE.salt(), new Identifiers("core", Architecture.X86_64, "1").salt());
    }

    @Test
    void differForEachPurposeAndVersion() {
        Set<UUID> all = new HashSet<>();
        for (Purpose purpose : Purpose.values()) {
            all.add(ONE.uuid(purpose));
            all.add(new Identifiers("edge", Architecture.X86_64, "2").uuid(purpose));
            all.add(new Identifiers("edge", Architecture.ARM64, "1").uuid(purpose));
        }
        assertEquals(3 * Purpose.values().length, all.size());
    }
}
