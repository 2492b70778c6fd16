package dev.flipside.builder.repo;

import dev.flipside.builder.keys.SigningKey;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import dev.flipside.json.JsonFields;
import dev.flipside.platform.NewFile;
import dev.flipside.tuf.Metadata;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.RootMetadata;
import dev.flipside.tuf.SignedMetadata;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.VerificationKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code repo sign}: shows what a payload says, and signs it. Needs no repository, so that it runs
 * where the key is.
 */
public final class PayloadSigning {
    private PayloadSigning() {}

    /**
     * What a payload says, in lines for people.
     *
     * @throws FlipsideException {@code input-missing}, {@code metadata-malformed}
     */
    public static List<String> describe(Path payload) throws FlipsideException, IOException {
        Metadata metadata = parse(payload, read(payload)).metadata();
        List<String> lines = new ArrayList<>();
        lines.add(
                "%s version %d, valid until %s"
                        .formatted(metadata.role().code(), metadata.version(), metadata.expires()));
        switch (metadata) {
            case RootMetadata root -> lines.addAll(Seating.of(root).lines());
            case TargetsMetadata targets -> {
                for (Target target : targets.targets().values()) {
                    lines.add("  " + target.path() + " " + target.digests().prefix());
                }
            }
            case dev.flipside.tuf.SnapshotMetadata snapshot ->
                    throw new IllegalStateException(snapshot.toString());
            case dev.flipside.tuf.TimestampMetadata timestamp ->
                    throw new IllegalStateException(timestamp.toString());
        }
        return lines;
    }

    /**
     * Signs a payload, and writes the signature into a new file.
     *
     * @return the id of the key
     * @throws FlipsideException {@code input-missing}, {@code metadata-malformed}, {@code
     *     output-exists}, and those of the key
     */
    public static String sign(Path payload, SigningKey key, Path out)
            throws FlipsideException, IOException {
        byte[] bytes = read(payload);
        parse(payload, bytes);
        VerificationKey publicKey = key.verificationKey();
        byte[] signature = key.sign(publicKey.toBeSigned(bytes));
        try {
            NewFile.write(
                    out,
                    new SignatureFile(publicKey.keyId(), ByteString.of(signature)).write(),
                    NewFile.Readers.EVERYONE);
        } catch (FileAlreadyExistsException e) {
            throw new FlipsideException(
                    new dev.flipside.failure.Failure(
                            FailureCode.OUTPUT_EXISTS,
                            out.toString(),
                            "no such file yet",
                            "one that exists",
                            "give another name"),
                    e);
        }
        return publicKey.keyId();
    }

    private static byte[] read(Path payload) throws FlipsideException, IOException {
        return SignatureFile.readSmall(
                payload, Role.TARGETS.maxBytes(), "a payload of 'proposed/' in a repository");
    }

    /** The payload as the signed part of a file; the very bytes, or it is refused. */
    private static SignedMetadata<? extends Metadata> parse(Path payload, byte[] bytes)
            throws FlipsideException {
        byte[] json = json(bytes);
        String type =
                JsonFields.parse(json, payload.toString(), FailureCode.METADATA_MALFORMED)
                        .string("_type");
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes("{\"signatures\":[],\"signed\":".getBytes(StandardCharsets.US_ASCII));
        file.writeBytes(json);
        file.write('}');
        SignedMetadata<? extends Metadata> metadata;
        if (type.equals(Role.ROOT.code())) {
            metadata = SignedMetadata.root(file.toByteArray());
        } else if (type.equals(Role.TARGETS.code())) {
            metadata = SignedMetadata.targets(file.toByteArray());
        } else {
            throw malformed(payload, "metadata of root or targets", "'" + type + "'");
        }
        if (!Arrays.equals(metadata.signedBytes(), bytes)) {
            throw malformed(payload, "the canonical form", "another one");
        }
        return metadata;
    }

    /** The canonical form escapes no control characters, as a key's line feeds; JSON has to. */
    private static byte[] json(byte[] canonical) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        for (byte b : canonical) {
            if (b >= 0 && b < ' ') {
                json.writeBytes("\\u00%02x".formatted(b).getBytes(StandardCharsets.US_ASCII));
            } else {
                json.write(b);
            }
        }
        return json.toByteArray();
    }

    private static FlipsideException malformed(Path payload, String expected, String found) {
        return new FlipsideException(
                FailureCode.METADATA_MALFORMED,
                payload.toString(),
                expected,
                found,
                "copy the payload from the repository again");
    }
}
