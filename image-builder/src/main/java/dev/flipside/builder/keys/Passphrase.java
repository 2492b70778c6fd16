package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a passphrase or PIN comes from: a file (its first line) or a variable. */
final class Passphrase {
    private static final String FROM_FILE = "passphrase-file=";
    private static final String FROM_ENVIRONMENT = "passphrase-env=";
    private static final int MAX_BYTES = 4096;

    private Passphrase() {}

    /** Reads what {@code passphrase-file=F} or {@code passphrase-env=NAME} names. */
    static String read(String query) throws FlipsideException, IOException {
        if (query.startsWith(FROM_FILE)) {
            return ofFile(query.substring(FROM_FILE.length()));
        }
        if (query.startsWith(FROM_ENVIRONMENT)) {
            return ofVariable(query.substring(FROM_ENVIRONMENT.length()));
        }
        throw new FlipsideException(
                FailureCode.ARGUMENT_INVALID,
                "key reference 'file:…?" + query + "'",
                FROM_FILE + "FILE or " + FROM_ENVIRONMENT + "NAME",
                "something else",
                "give another value");
    }

    /** The first line of a file. */
    static String ofFile(String file) throws FlipsideException, IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
            return text.lines().findFirst().orElse("");
        } catch (java.nio.file.NoSuchFileException | InvalidPathException e) {
            throw missing("file '" + file + "'", e);
        }
    }

    private static String ofVariable(String name) throws FlipsideException {
        String value = System.getenv(name);
        if (value == null) {
            throw missing("variable '" + name + "'", null);
        }
        return value;
    }

    private static FlipsideException missing(String where, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.INPUT_MISSING,
                        "passphrase in " + where,
                        "one line",
                        "nothing there",
                        "put the passphrase there, or give another reference"),
                cause);
    }
}
