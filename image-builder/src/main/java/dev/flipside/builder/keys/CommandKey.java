package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import dev.flipside.tuf.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A key behind a command: {@code COMMAND public-key} prints it as PEM, {@code COMMAND sign SCHEME}
 * reads the message and writes the raw signature.
 *
 * @param command the program and its first arguments
 * @param timeout after which it is killed
 */
record CommandKey(List<String> command, Duration timeout) implements PrivateHalf {
    static final String SCHEME = "exec:";

    /** Time for a person to touch a token or to type a PIN. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final int MAX_ERROR_LENGTH = 300;

    CommandKey {
        command = List.copyOf(command);
    }

    static SigningKey open(String reference) throws FlipsideException, IOException {
        return open(reference, TIMEOUT);
    }

    static SigningKey open(String reference, Duration timeout)
            throws FlipsideException, IOException {
        String line = reference.substring(SCHEME.length()).strip();
        if (line.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "key '" + reference + "'",
                    "a program after 'exec:'",
                    "none",
                    "give another value");
        }
        CommandKey key = new CommandKey(List.of(line.split("\\s+")), timeout);
        byte[] pem = key.run("", List.of("public-key"));
        try {
            byte[] spki = Pem.decode(pem, Pem.PUBLIC_KEY, key.name() + " public-key");
            return new SigningKey(key.name(), PublicKeys.decode(spki), key);
        } catch (GeneralSecurityException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.KEY_INVALID,
                            key.name() + " public-key",
                            "a public key of a known kind, as PEM",
                            "another one",
                            "let the command print '-----BEGIN PUBLIC KEY-----' and its bytes"),
                    e);
        }
    }

    @Override
    public byte[] sign(SignatureScheme scheme, byte[] message) throws FlipsideException {
        try {
            return run(
                    new String(message, StandardCharsets.ISO_8859_1),
                    List.of("sign", scheme.code()));
        } catch (IOException e) {
            throw failed("an end", "interrupted", e);
        }
    }

    private String name() {
        // Arguments may hold secrets; a message only shows the program.
        return SCHEME + command.getFirst();
    }

    private byte[] run(String input, List<String> verb) throws FlipsideException, IOException {
        List<String> argv = new ArrayList<>(command);
        argv.addAll(verb);
        Outcome outcome = outcome(input, argv);
        if (outcome.timedOut()) {
            throw failed("an answer within " + timeout.toSeconds() + " s", "none", null);
        }
        if (outcome.exitCode() != 0) {
            throw failed("exit code 0", outcome.exitCode() + ": " + told(outcome), null);
        }
        if (outcome.truncated()) {
            throw failed("at most " + Pem.MAX_BYTES + " bytes", "more", null);
        }
        return outcome.output().getBytes(StandardCharsets.ISO_8859_1);
    }

    private Outcome outcome(String input, List<String> argv) throws FlipsideException, IOException {
        Invocation invocation =
                Invocation.of(timeout, argv)
                        .withEnvironment(System.getenv())
                        .withCharset(StandardCharsets.ISO_8859_1)
                        .withInput(input)
                        .withMaxOutputBytes(Pem.MAX_BYTES);
        try {
            return ExternalPrograms.ofThisMachine().run(invocation);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while '%s' signed".formatted(name()), e);
        } catch (IOException e) {
            throw failed("a program that starts", e.getMessage(), e);
        }
    }

    private static String told(Outcome outcome) {
        String errors = outcome.errors().strip();
        return errors.length() <= MAX_ERROR_LENGTH
                ? errors
                : errors.substring(0, MAX_ERROR_LENGTH) + "…";
    }

    private FlipsideException failed(String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.SIGNING_FAILED,
                        "command '" + name() + "'",
                        expected,
                        found,
                        "run the command by hand, with 'public-key' and with 'sign'"),
                cause);
    }
}
