package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.NewFile;
import dev.flipside.tuf.Pem;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Optional;

/**
 * The two files of a key: {@code NAME.key.pem}, the private key (PKCS #8, mode 0600), and {@code
 * NAME.pub.pem}, the public one (SubjectPublicKeyInfo).
 *
 * @param name the path without the two endings
 */
public record KeyFiles(Path name) {
    private static final String PRIVATE_ENDING = ".key.pem";
    private static final String REFERENCE_ENDING = ".key.ref";
    private static final int MAX_REFERENCE_BYTES = 4096;
    private static final String PUBLIC_ENDING = ".pub.pem";

    public Path privateFile() {
        return name.resolveSibling(name.getFileName() + PRIVATE_ENDING);
    }

    public Path publicFile() {
        return name.resolveSibling(name.getFileName() + PUBLIC_ENDING);
    }

    public boolean exist() {
        return Files.exists(privateFile());
    }

    /**
     * Writes both files.
     *
     * @throws FlipsideException {@code output-exists} when one of them is there: a key that was
     *     overwritten cannot be had back
     */
    public void create(KeyPair pair) throws FlipsideException, IOException {
        if (Files.exists(publicFile())) {
            throw exists(publicFile(), null);
        }
        write(
                privateFile(),
                Pem.PRIVATE_KEY,
                pair.getPrivate().getEncoded(),
                NewFile.Readers.OWNER);
        write(
                publicFile(),
                Pem.PUBLIC_KEY,
                pair.getPublic().getEncoded(),
                NewFile.Readers.EVERYONE);
    }

    /**
     * What {@code NAME.key.ref} says, when it is there: a reference to a key that is elsewhere.
     *
     * @throws FlipsideException {@code key-invalid} when it is not one line
     */
    public Optional<String> reference() throws FlipsideException, IOException {
        Path file = name.resolveSibling(name.getFileName() + REFERENCE_ENDING);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            String text =
                    new String(in.readNBytes(MAX_REFERENCE_BYTES), StandardCharsets.UTF_8).strip();
            if (text.isEmpty() || text.lines().count() != 1) {
                throw new FlipsideException(
                        FailureCode.KEY_INVALID,
                        file.toString(),
                        "one line that refers to a key",
                        text.lines().count() + " lines",
                        "write a path, 'pkcs11:…' or 'exec:…' into it");
            }
            return Optional.of(text);
        }
    }

    /**
     * The public half as TUF metadata has it; empty when its file is not there.
     *
     * @throws FlipsideException {@code key-invalid}
     */
    public Optional<VerificationKey> verificationKey() throws FlipsideException, IOException {
        return Files.exists(publicFile())
                ? Optional.of(verificationKey(publicFile()))
                : Optional.empty();
    }

    /** A public key of a file of any name. */
    public static VerificationKey verificationKey(Path file) throws FlipsideException, IOException {
        try {
            return VerificationKey.of(PublicKeys.decode(read(file, Pem.PUBLIC_KEY)));
        } catch (GeneralSecurityException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.KEY_INVALID,
                            file.toString(),
                            "a public key",
                            String.valueOf(e.getMessage()),
                            "make a key with 'key generate'"),
                    e);
        }
    }

    byte[] readPrivate() throws FlipsideException, IOException {
        return read(privateFile(), Pem.PRIVATE_KEY);
    }

    byte[] readPublic() throws FlipsideException, IOException {
        return read(publicFile(), Pem.PUBLIC_KEY);
    }

    private static void write(Path file, String label, byte[] der, NewFile.Readers readers)
            throws FlipsideException, IOException {
        try {
            NewFile.write(file, Pem.encode(label, der), readers);
        } catch (FileAlreadyExistsException e) {
            throw exists(file, e);
        }
    }

    private static byte[] read(Path file, String label) throws FlipsideException, IOException {
        return Pem.decode(bytes(file), label, file.toString());
    }

    /**
     * What a file of keys holds, up to the size that a key can have.
     *
     * @throws FlipsideException {@code key-missing}
     */
    static byte[] bytes(Path file) throws FlipsideException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    file.toString(),
                    "a key file",
                    Files.exists(file) ? "something else" : "nothing there",
                    "make one with 'key generate', or check the path");
        }
        try (InputStream in = Files.newInputStream(file)) {
            // One byte too many is as wrong as a thousand, and does not decode.
            return in.readNBytes(Pem.MAX_BYTES);
        }
    }

    private static FlipsideException exists(Path file, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.OUTPUT_EXISTS,
                        file.toString(),
                        "no such file yet",
                        "one that exists",
                        "give another name, or remove the file if its key is not in use"),
                cause);
    }
}
