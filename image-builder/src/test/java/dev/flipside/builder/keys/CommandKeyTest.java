package dev.flipside.builder.keys;

import static dev.flipside.tuf.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Pem;
import dev.flipside.tuf.TestSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandKeyTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Every byte that a pipe could change on its way. */
    private static final byte[] MESSAGE = everyByte();

    @TempDir Path folder;

    private final TestSigner signer = TestSigner.number(1);

    @Test
    void givesTheMessageToTheCommandAndTakesItsSignature() throws FlipsideException, IOException {
        Files.write(folder.resolve("signature"), signer.sign(MESSAGE));
        SigningKey key =
                SigningKey.open(
                        script(
                                        "printf '%s ' \"$@\" >>\"$here/calls\"",
                                        "cat >\"$here/message\"; cat \"$here/signature\"")
                                + " --slot 3");
        assertEquals(signer.publicKey(), key.verificationKey());
        assertArrayEquals(signer.sign(MESSAGE), key.sign(MESSAGE));
        assertArrayEquals(MESSAGE, Files.readAllBytes(folder.resolve("message")));
        assertEquals(
                "--slot 3 public-key --slot 3 sign ed25519 ",
                Files.readString(folder.resolve("calls")));
    }

    @Test
    void refusesTheSignatureOfAnotherMessageAndRubbish() throws FlipsideException, IOException {
        Files.write(folder.resolve("signature"), signer.sign(new byte[1]));
        SigningKey other = SigningKey.open(script(":", "cat \"$here/signature\""));
        assertRefused(FailureCode.SIGNING_FAILED, () -> other.sign(MESSAGE));
        SigningKey nothing = SigningKey.open(script(":", ":"));
        assertRefused(FailureCode.SIGNING_FAILED, () -> nothing.sign(MESSAGE));
        SigningKey rubbish = SigningKey.open(script(":", "head -c 64 /dev/zero"));
        assertRefused(FailureCode.SIGNING_FAILED, () -> rubbish.sign(MESSAGE));
    }

    @Test
    void tellsWhatACommandThatFailsSaid() throws FlipsideException, IOException {
        SigningKey key = SigningKey.open(script(":", "echo no card >&2; exit 3"));
        String line = assertRefused(FailureCode.SIGNING_FAILED, () -> key.sign(MESSAGE)).line();
        assertTrue(line.contains("found 3: no card"), line);
        assertRefused(
                FailureCode.SIGNING_FAILED, () -> SigningKey.open("exec:" + folder + "/none"));
        assertRefused(FailureCode.ARGUMENT_INVALID, () -> SigningKey.open("exec: "));
    }

    @Test
    void killsACommandThatHangs() throws FlipsideException, IOException {
        String reference = script("[ \"$1\" != public-key ] || sleep 100", ":");
        assertRefused(
                FailureCode.SIGNING_FAILED,
                () -> CommandKey.open(reference, Duration.ofMillis(200)));
    }

    @Test
    void boundsWhatACommandWrites() throws FlipsideException, IOException {
        SigningKey key = CommandKey.open(script(":", "head -c 100000000 /dev/zero"), TIMEOUT);
        String line = assertRefused(FailureCode.SIGNING_FAILED, () -> key.sign(MESSAGE)).line();
        assertTrue(line.contains("65536 bytes, found more"), line);
    }

    @Test
    void refusesAPublicKeyThatIsNone() throws IOException {
        String reference = script("[ \"$1\" != public-key ] || { echo hello; exit 0; }", ":");
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(reference));
        Files.write(folder.resolve("public.pem"), Pem.encode(Pem.PUBLIC_KEY, new byte[44]));
        String zeros = script(":", ":", false);
        assertRefused(FailureCode.KEY_INVALID, () -> SigningKey.open(zeros));
    }

    private String script(String first, String sign) throws IOException {
        return script(first, sign, true);
    }

    private String script(String first, String sign, boolean ownKey) throws IOException {
        if (ownKey) {
            Files.write(
                    folder.resolve("public.pem"),
                    Pem.encode(Pem.PUBLIC_KEY, signer.pair().getPublic().getEncoded()));
        }
        Path script = Files.createTempFile(folder, "sign-", ".sh");
        Files.writeString(
                script,
                """
                #!/bin/sh
                here=%s
                %s
                case "$*" in
                *public-key) cat "$here/public.pem" ;;
                *"sign ed25519") %s ;;
                *) exit 9 ;;
                esac
                """
                        .formatted(folder, first, sign));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return "exec:" + script;
    }

    private static byte[] everyByte() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
