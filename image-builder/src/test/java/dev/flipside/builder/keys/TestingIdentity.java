package dev.flipside.builder.keys;

import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;

/** Keys with certificates, made anew for each test. */
public final class TestingIdentity {
    public static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    private TestingIdentity() {}

    /** A key in a file of this folder, and its certificate beside it. */
    public static SigningIdentity of(KeyAlgorithm algorithm, Path folder, String name)
            throws FlipsideException, IOException {
        KeyPair pair = algorithm.generate();
        Path key = folder.resolve(name + ".key.pem");
        Files.write(key, Pem.encode(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded()));
        Path certificate = folder.resolve(name + ".crt.pem");
        SelfSignedCertificate.of(
                        SigningKey.open(key.toString()), name, NOW, NOW.plusSeconds(86_400))
                .write(certificate);
        return SigningIdentity.open(key.toString(), certificate, NOW);
    }
}
