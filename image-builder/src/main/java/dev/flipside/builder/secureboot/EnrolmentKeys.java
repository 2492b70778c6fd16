package dev.flipside.builder.secureboot;

import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.builder.keys.SigningIdentity;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The keys of Secure Boot that systemd-boot can enrol: the platform key, which signs itself and the
 * key exchange key, which signs the certificates that binaries are checked against.
 *
 * @param database certificates for {@code db}
 */
public record EnrolmentKeys(
        SigningIdentity platform, SigningIdentity exchange, List<X509Certificate> database) {
    /** Where systemd-boot looks, below the root of the ESP. */
    private static final String FOLDER = "loader/keys/auto/";

    private static final String CERTIFICATE_ENDING = ".crt.pem";
    private static final int MAX_DATABASE = 64;

    public EnrolmentKeys {
        database = List.copyOf(database);
    }

    /**
     * Reads {@code PK.crt.pem}, {@code KEK.crt.pem} with their keys ({@code PK.key.pem} or {@code
     * PK.key.ref}, as in a repository's folder of keys), and all {@code db*.crt.pem}.
     *
     * @throws FlipsideException {@code key-missing}, {@code certificate-invalid} and what else keys
     *     are refused for
     */
    public static EnrolmentKeys read(Path folder, Instant now)
            throws FlipsideException, IOException {
        List<X509Certificate> database = new ArrayList<>();
        for (Path file : databaseFiles(folder)) {
            database.add(SigningIdentity.certificate(file, now));
        }
        return new EnrolmentKeys(
                identity(folder, SecureBootVariable.PLATFORM_KEY, now),
                identity(folder, SecureBootVariable.KEY_EXCHANGE_KEY, now),
                database);
    }

    /**
     * The files for the ESP, by their paths there.
     *
     * @param time of the variables; later ones may replace them
     */
    public SortedMap<String, byte[]> files(UUID owner, Instant time) throws FlipsideException {
        TreeMap<String, byte[]> files = new TreeMap<>();
        List<X509Certificate> platformKey = List.of(platform.certificate());
        List<X509Certificate> exchangeKey = List.of(exchange.certificate());
        put(files, SecureBootVariable.PLATFORM_KEY, platform, platformKey, owner, time);
        put(files, SecureBootVariable.KEY_EXCHANGE_KEY, platform, exchangeKey, owner, time);
        put(files, SecureBootVariable.DATABASE, exchange, database, owner, time);
        return files;
    }

    private static void put(
            TreeMap<String, byte[]> files,
            SecureBootVariable variable,
            SigningIdentity signer,
            List<X509Certificate> certificates,
            UUID owner,
            Instant time)
            throws FlipsideException {
        files.put(
                FOLDER + variable.code() + ".auth",
                variable.signed(signer, certificates, owner, time));
    }

    private static SigningIdentity identity(Path folder, SecureBootVariable variable, Instant now)
            throws FlipsideException, IOException {
        KeyFiles key = new KeyFiles(folder.resolve(variable.code()));
        String reference = key.reference().orElse(key.privateFile().toString());
        Path certificate = folder.resolve(variable.code() + CERTIFICATE_ENDING);
        SigningIdentity identity = SigningIdentity.open(reference, certificate, now);
        EfiSignature.requireRsa(identity);
        return identity;
    }

    private static List<Path> databaseFiles(Path folder) throws FlipsideException, IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(folder, "db*" + CERTIFICATE_ENDING)) {
                found.forEach(files::add);
            }
        }
        if (files.isEmpty() || files.size() > MAX_DATABASE) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    "keys to enrol in '" + folder + "'",
                    "1 to " + MAX_DATABASE + " certificates db*" + CERTIFICATE_ENDING,
                    String.valueOf(files.size()),
                    "put the certificate of --secure-boot-cert there as db" + CERTIFICATE_ENDING);
        }
        Collections.sort(files);
        return files;
    }
}
