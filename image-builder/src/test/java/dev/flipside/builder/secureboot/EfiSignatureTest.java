package dev.flipside.builder.secureboot;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.builder.keys.TestingIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EfiSignatureTest {
    private static final int CHECKSUM_OFFSET = 64 + 24 + 64;
    private static final int DIRECTORY_OFFSET = 64 + 24 + 112 + 4 * 8;

    @TempDir static Path folder;
    private static SigningIdentity db;
    private static SigningIdentity other;
    private static byte[] signed;

    @BeforeAll
    static void sign() throws Exception {
        db = TestingIdentity.of(KeyAlgorithm.RSA_3072, folder, "db");
        other = TestingIdentity.of(KeyAlgorithm.RSA_3072, folder, "other");
        signed = signed(TestingPe.stub(), db);
    }

    private static byte[] signed(byte[] binary, SigningIdentity identity) throws Exception {
        Path file = Files.write(folder.resolve("binary.efi"), binary);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            EfiSignature.sign(channel, identity, "binary");
        }
        return Files.readAllBytes(file);
    }

    private static void check(byte[] binary) throws IOException, FlipsideException {
        EfiSignature.check(RandomAccess.of(binary), db.certificate(), "binary");
    }

    @Test
    void isBelievedOfItsOwnKeyAlone() throws Exception {
        check(signed);
        assertRefused(
                FailureCode.SIGNATURE_INVALID,
                () -> EfiSignature.check(RandomAccess.of(signed), other.certificate(), "binary"));
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> check(TestingPe.stub()));
    }

    @Test
    void takesThePlaceOfOneThatWasThere() throws Exception {
        byte[] again = signed(signed(TestingPe.stub(), other), db);
        assertArrayEquals(signed, again);
        assertEquals(1, AttributeCertificates.read(RandomAccess.of(again), "b").pkcs7().size());
    }

    /** All but the checksum, which no signature can cover, and what pads the signature. */
    @Test
    void coversEveryByteOfTheBinary() throws Exception {
        for (int i = 0; i < TestingPe.stub().length; i++) {
            if (i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + 4) {
                continue;
            }
            byte[] changed = signed.clone();
            changed[i] ^= 1;
            assertThrows(FlipsideException.class, () -> check(changed), "byte " + i);
        }
    }

    @Test
    void isRefusedToKeysThatFirmwareDoesNotKnow() throws Exception {
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            if (!algorithm.code().startsWith("rsa")) {
                SigningIdentity identity = TestingIdentity.of(algorithm, folder, algorithm.code());
                assertRefused(FailureCode.KEY_INVALID, () -> signed(TestingPe.stub(), identity));
            }
        }
    }

    @Test
    void isRefusedToWhatIsNoBinary() {
        byte[] text = "hello\n".getBytes(StandardCharsets.UTF_8);
        assertRefused(FailureCode.UKI_MALFORMED, () -> signed(text, db));
        assertRefused(FailureCode.UKI_MALFORMED, () -> check(text));
        assertRefused(
                FailureCode.UKI_MALFORMED, () -> check(Arrays.copyOf(signed, signed.length - 8)));
    }

    @Test
    void isAValueOrAFailureForAnyTable() throws Exception {
        long seed = 3;
        SplittableRandom random = new SplittableRandom(seed);
        int table = TestingPe.stub().length;
        for (int round = 0; round < 2000; round++) {
            byte[] hostile = signed.clone();
            for (int i = 0; i < 3; i++) {
                int at =
                        random.nextInt(4) == 0
                                ? DIRECTORY_OFFSET + random.nextInt(8)
                                : table + random.nextInt(hostile.length - table);
                hostile[at] ^= (byte) (1 + random.nextInt(255));
            }
            try {
                check(hostile);
            } catch (FlipsideException e) {
                assertEquals(
                        true,
                        e.failure().code() == FailureCode.SIGNATURE_INVALID
                                || e.failure().code() == FailureCode.UKI_MALFORMED,
                        "seed %d round %d: %s".formatted(seed, round, e.getMessage()));
            }
        }
    }
}
