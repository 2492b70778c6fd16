package dev.flipside.builder.cli;

import static dev.flipside.builder.cli.RepoOptions.path;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningKey;
import dev.flipside.builder.repo.KeyRotation;
import dev.flipside.builder.repo.Lifetimes;
import dev.flipside.builder.repo.Outcome;
import dev.flipside.builder.repo.PayloadSigning;
import dev.flipside.builder.repo.Publisher;
import dev.flipside.builder.repo.RepositoryInit;
import dev.flipside.builder.repo.RepositorySettings;
import dev.flipside.builder.repo.SignatureImport;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** The commands below {@code repo} that are about keys, and about signatures by keys elsewhere. */
record RepoKeyCommands(RepoOptions shared) {
    private static final String ALGORITHMS = "--algorithms";
    private static final String ALGORITHM = "--algorithm";
    private static final String RETIRE = "--retire";
    private static final String KEEP = "--keep";
    private static final String PAYLOAD = "--payload";
    private static final String KEY = "--key";
    private static final String OUT = "--out";
    private static final String SIGNATURE = "--signature";
    private static final String SIGNER = "--signer";

    Command init() {
        return Command.of(
                "init",
                "Makes an empty repository, and the keys for it that are missing.",
                List.of(
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        RepoOptions.thresholds(),
                        RepoOptions.expires(),
                        RepoOptions.expiresDays(),
                        RepoOptions.rootExpiresDays(),
                        Command.option(
                                ALGORITHMS, "any|fips", String.class, false, "Allowed keys; any."),
                        RepoOptions.propose()),
                this::init);
    }

    private void init(ParseResult options, Console console) throws FlipsideException, IOException {
        Publisher publisher = shared.publisher(options);
        RepositorySettings settings =
                new RepositorySettings(
                        Lifetimes.DEFAULT.with(RepoOptions.expiry(options)), algorithms(options));
        Outcome outcome =
                RepositoryInit.run(
                        publisher,
                        new RepositoryInit.Request(settings, RepoOptions.thresholds(options)));
        Path root = publisher.repository().resolve("metadata/1.root.json");
        RepoOptions.result(
                console,
                StrictJson.object().put("root", root.toString()),
                "repository in "
                        + publisher.repository()
                        + "; images need "
                        + root
                        + " as /usr/lib/flipside/root.json",
                outcome);
    }

    private static AlgorithmPolicy algorithms(ParseResult options) throws FlipsideException {
        String code = options.matchedOptionValue(ALGORITHMS, AlgorithmPolicy.ANY.code());
        for (AlgorithmPolicy algorithms : AlgorithmPolicy.values()) {
            if (algorithms.code().equals(code)) {
                return algorithms;
            }
        }
        throw Command.invalid(ALGORITHMS, "any or fips", code);
    }

    Command rotate() {
        return Command.of(
                "rotate",
                "Gives a role other keys, by a new root that the old root keys sign, too.",
                List.of(
                        RepoOptions.positional(
                                0, "ROLE", true, "root, targets, snapshot or timestamp."),
                        RepoOptions.repository(),
                        RepoOptions.keys(),
                        Command.repeatable(
                                RETIRE, "KEY", "Name or id of a key that goes; the others stay."),
                        RepoOptions.flag(KEEP, "All old keys stay; with no new one, only renew."),
                        RepoOptions.thresholds(),
                        Command.option(
                                ALGORITHM,
                                KeyAlgorithm.codes(),
                                String.class,
                                false,
                                "Of keys that are made where the folder has no new ones."),
                        RepoOptions.expiresDays(),
                        RepoOptions.rootExpiresDays(),
                        RepoOptions.propose()),
                this::rotate);
    }

    private void rotate(ParseResult options, Console console)
            throws FlipsideException, IOException {
        String algorithm = options.matchedOptionValue(ALGORITHM, null);
        KeyRotation.Request request =
                new KeyRotation.Request(
                        RepoOptions.role("ROLE", options.matchedPositionalValue(0, "")),
                        RepoOptions.values(options, RETIRE),
                        options.hasMatchedOption(KEEP),
                        RepoOptions.thresholds(options),
                        algorithm == null
                                ? Optional.empty()
                                : Optional.of(KeyAlgorithm.of(algorithm)));
        if (request.keep() && !request.retire().isEmpty()) {
            throw Command.invalid(KEEP, "either this option or --retire", "both");
        }
        KeyRotation.Rotated rotated = KeyRotation.run(shared.publisher(options), request);
        ObjectNode object =
                StrictJson.object()
                        .put("rootVersion", rotated.rootVersion())
                        .put("retired", rotated.retired());
        rotated.added().forEach(object.putArray("added")::add);
        RepoOptions.result(
                console,
                object,
                "root version %d: the %s role has %s, and %d key(s) are retired"
                        .formatted(
                                rotated.rootVersion(),
                                request.role().code(),
                                rotated.added().isEmpty()
                                        ? "no new key"
                                        : "the new key(s) " + String.join(", ", rotated.added()),
                                rotated.retired()),
                rotated.outcome());
    }

    Command sign() {
        return Command.of(
                "sign",
                "Shows what a payload says and signs it, where the key is; needs no repository.",
                List.of(
                        Command.option(
                                PAYLOAD,
                                "FILE",
                                Path.class,
                                true,
                                "From 'proposed/' in the repository."),
                        Command.option(
                                KEY,
                                "KEY",
                                String.class,
                                false,
                                "PEM file, pkcs11: or exec:; without one, only show."),
                        Command.option(OUT, "FILE", Path.class, false, "The signature.")),
                RepoKeyCommands::sign);
    }

    private static void sign(ParseResult options, Console console)
            throws FlipsideException, IOException {
        String key = options.matchedOptionValue(KEY, null);
        if ((key == null) != !options.hasMatchedOption(OUT)) {
            throw Command.invalid(KEY, "both this option and --out", "one of them");
        }
        Path payload = path(options, PAYLOAD);
        List<String> lines = new ArrayList<>(PayloadSigning.describe(payload));
        ObjectNode object = StrictJson.object();
        lines.forEach(object.putArray("payload")::add);
        if (key != null) {
            Path out = path(options, OUT);
            String keyId = PayloadSigning.sign(payload, SigningKey.open(key), out);
            object.put("keyid", keyId).put("signature", out.toString());
            lines.add("signed by key " + keyId + " in " + out);
        }
        console.result(object, String.join("\n", lines));
    }

    Command importSignature() {
        return Command.of(
                "import-signature",
                "Adds signatures to what is proposed, and publishes it when all are there.",
                List.of(
                        RepoOptions.repository(),
                        Command.option(
                                RepoOptions.KEYS,
                                "DIR",
                                Path.class,
                                false,
                                "Folder with the keys at hand, as those of snapshot and timestamp."),
                        Command.repeatable(SIGNATURE, "FILE", "What 'repo sign' wrote."),
                        Command.option(
                                SIGNER,
                                "FILE",
                                Path.class,
                                false,
                                "Public key, where FILE has only the signature itself."),
                        RepoOptions.expiresDays()),
                this::importSignature);
    }

    private void importSignature(ParseResult options, Console console)
            throws FlipsideException, IOException {
        List<Path> signatures = new ArrayList<>();
        for (String file : RepoOptions.values(options, SIGNATURE)) {
            try {
                signatures.add(Path.of(file));
            } catch (InvalidPathException e) {
                throw Command.invalid(SIGNATURE, "a path", file);
            }
        }
        Optional<VerificationKey> signer =
                options.hasMatchedOption(SIGNER)
                        ? Optional.of(KeyFiles.verificationKey(path(options, SIGNER)))
                        : Optional.empty();
        Outcome outcome = SignatureImport.run(shared.publisher(options), signatures, signer);
        RepoOptions.result(
                console,
                StrictJson.object().put("imported", signatures.size()),
                signatures.size() + " signature(s) imported",
                outcome);
    }

    Command discard() {
        return Command.of(
                "discard",
                "Drops what is proposed.",
                List.of(RepoOptions.repository()),
                (options, console) -> {
                    SignatureImport.discard(shared.publisher(options));
                    console.result(
                            StrictJson.object().put("discarded", true), "the proposal is dropped");
                });
    }
}
