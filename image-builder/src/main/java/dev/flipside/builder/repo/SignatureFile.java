package dev.flipside.builder.repo;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A signature on its way back from where its key is: {@code {"keyid": …, "sig": …}} as metadata has
 * it (TUF 1.0, section 4.2), or the bare bytes that another tool has made.
 */
record SignatureFile(String keyId, ByteString signature) {
    /** Above the largest signature of any kind, in hex. */
    private static final int MAX_BYTES = 64 << 10;

    private static final Pattern HEX = Pattern.compile("(?:[0-9a-f]{2})+");

    byte[] write() {
        return StrictJson.pretty(
                StrictJson.object()
                        .put("keyid", keyId)
                        .put("sig", HexFormat.of().formatHex(signature.toByteArray())));
    }

    /**
     * Reads one.
     *
     * @param signer whose bare signature it is; empty when the file says it
     * @throws FlipsideException {@code input-missing}, {@code signature-invalid}
     */
    static SignatureFile read(Path file, Optional<VerificationKey> signer)
            throws FlipsideException, IOException {
        byte[] content = bytes(file);
        if (signer.isPresent()) {
            return new SignatureFile(signer.get().keyId(), ByteString.of(content));
        }
        JsonFields fields =
                JsonFields.parse(content, file.toString(), FailureCode.SIGNATURE_INVALID);
        return new SignatureFile(
                fields.string("keyid"),
                ByteString.of(HexFormat.of().parseHex(fields.matching("sig", HEX, "hex digits"))));
    }

    private static byte[] bytes(Path file) throws FlipsideException, IOException {
        return readSmall(file, MAX_BYTES, "a signature, as 'repo sign' writes it");
    }

    static byte[] readSmall(Path file, int maxBytes, String expected)
            throws FlipsideException, IOException {
        if (!Files.isRegularFile(file)) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    file.toString(),
                    expected,
                    Files.exists(file) ? "something else" : "nothing there",
                    "check the path");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new FlipsideException(
                        FailureCode.SIGNATURE_INVALID,
                        file.toString(),
                        expected + ", of at most " + maxBytes + " bytes",
                        "more",
                        "check the path");
            }
            return content;
        }
    }
}
