package dev.flipside.builder.keys;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Optional;

/**
 * A key that signs, wherever its secret is: in a PEM file, on a PKCS #11 token, or behind a
 * command.
 *
 * <p>Invariant: no signature leaves here that the public key does not verify.
 */
public final class SigningKey {
    private static final String FILE = "file:";
    private static final byte[] TRIAL = "flipside".getBytes(StandardCharsets.US_ASCII);

    private final String name;
    private final PublicKey publicKey;
    private final SignatureScheme scheme;
    private final PrivateHalf privateHalf;

    SigningKey(String name, PublicKey publicKey, PrivateHalf privateHalf) throws FlipsideException {
        this.name = name;
        this.publicKey = publicKey;
        this.scheme = SignatureScheme.of(publicKey, name);
        this.privateHalf = privateHalf;
    }

    /**
     * Opens the key that a reference names: the path of a PEM file, {@code
     * file:PATH?passphrase-file=F} (or {@code passphrase-env=NAME}), a {@code pkcs11:} URI (RFC
     * 7512), or {@code exec:COMMAND}.
     *
     * @throws FlipsideException {@code key-missing}, {@code key-invalid}, {@code
     *     token-unreachable}, {@code signing-failed} or {@code argument-invalid}
     */
    public static SigningKey open(String reference) throws FlipsideException, IOException {
        if (reference.startsWith(TokenUri.SCHEME)) {
            return TokenKey.open(TokenUri.parse(reference));
        }
        if (reference.startsWith(CommandKey.SCHEME)) {
            return CommandKey.open(reference);
        }
        if (reference.startsWith(FILE)) {
            int query = reference.indexOf('?');
            String file =
                    reference.substring(FILE.length(), query < 0 ? reference.length() : query);
            return PemKey.open(
                    path(file),
                    query < 0
                            ? Optional.empty()
                            : Optional.of(Passphrase.read(reference.substring(query + 1))));
        }
        return PemKey.open(path(reference), Optional.empty());
    }

    /**
     * Reads a key from its two files.
     *
     * @throws FlipsideException {@code key-missing}, {@code key-invalid}
     */
    public static SigningKey read(KeyFiles files) throws FlipsideException, IOException {
        byte[] spki = files.readPublic();
        SigningKey key = PemKey.open(files.privateFile(), Optional.empty());
        if (!java.util.Arrays.equals(key.publicKey.getEncoded(), spki)) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    files.privateFile() + " and " + files.publicFile().getFileName(),
                    "the two halves of one key",
                    "halves of two keys",
                    "make a key with 'key generate'");
        }
        return key;
    }

    /** The reference without its secrets, for messages. */
    public String name() {
        return name;
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** How this key signs unless another scheme is asked for. */
    public SignatureScheme scheme() {
        return scheme;
    }

    /**
     * The public key as it stands in TUF metadata.
     *
     * @throws FlipsideException {@code key-invalid} for a key that TUF metadata cannot name
     */
    public VerificationKey verificationKey() throws FlipsideException {
        return VerificationKey.of(publicKey);
    }

    /** Signs under {@link #scheme}, as TUF has it. */
    public byte[] sign(byte[] message) throws FlipsideException {
        return sign(message, scheme);
    }

    /**
     * Signs under a scheme of this key's kind.
     *
     * @throws FlipsideException {@code key-invalid} when a key of this kind has no such scheme,
     *     {@code signing-failed} or {@code token-unreachable}
     */
    public byte[] sign(byte[] message, SignatureScheme as) throws FlipsideException {
        if (!scheme.allows(as)) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    name,
                    "a key that signs as " + as.code(),
                    "one that signs as " + scheme.code(),
                    "give another key");
        }
        byte[] signature = privateHalf.sign(as, message);
        if (!as.verifies(publicKey, message, signature)) {
            throw new FlipsideException(
                    FailureCode.SIGNING_FAILED,
                    name,
                    "a signature as " + as.code() + " that its public key verifies",
                    signature.length + " bytes that are none",
                    "check that the two halves belong together, and how the key signs");
        }
        return signature;
    }

    /** Signs something, so that halves of two keys are found before anything was written. */
    void requireWhole() throws FlipsideException {
        sign(TRIAL);
    }

    private static Path path(String text) throws FlipsideException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.ARGUMENT_INVALID,
                            "key '" + text + "'",
                            "a path",
                            e.getReason(),
                            "give another value"),
                    e);
        }
    }
}
