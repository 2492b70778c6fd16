package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that pkcs11-tool made on a SoftHSM token sign for us, and OpenSSL verifies it. */
class TokenOracleTest {
    private static final String PIN = SoftToken.PIN;

    @TempDir static Path folder;

    private static CommandLine image;

    @BeforeAll
    static void makeATokenWithKeys() throws Exception {
        SoftToken token = SoftToken.make(folder);
        image = token.flipsideImage();
        token.makeKey("rsa:3072", "rsa", "01");
        token.makeKey("EC:secp256r1", "p256", "02");
        token.makeKey("EC:secp384r1", "p384", "03");
        token.makeKey("EC:edwards25519", "ed25519", "04");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "p256", "p384", "ed25519"})
    void aTokenSignsWithAKeyOfEveryKindThatItHas(String key) throws Exception {
        Path certificate = folder.resolve(key + ".pem");
        image.check(
                "key",
                "certificate",
                "--key",
                uri("object=" + key, "pin-value=" + PIN),
                "--name",
                key,
                "--out",
                certificate);
        String said = Tools.find("openssl").check("verify", "-CAfile", certificate, certificate);
        assertTrue(said.contains("OK"), said);
    }

    @Test
    void aRepositoryIsSignedByAKeyOnAToken() throws Exception {
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Path pin = Files.writeString(folder.resolve("pin"), PIN + "\n");
        Files.writeString(
                keys.resolve("targets-1.key.ref"), uri("id=%04", "pin-source=file:" + pin) + "\n");
        Path repository = folder.resolve("repo");
        image.check("repo", "init", "--repo", repository, "--keys", keys);
        assertTrue(Files.notExists(keys.resolve("targets-1.key.pem")));
        image.check("repo", "verify", "--repo", repository);
    }

    @ParameterizedTest
    @CsvSource({
        "TOKEN_UNREACHABLE, token=other;object=rsa, pin-value=1234, 'release'",
        "KEY_MISSING, object=other, pin-value=1234, none",
        "KEY_MISSING, object=rsa;id=%02, pin-value=1234, none",
        "KEY_MISSING, object=rsa, '', without a PIN",
        "KEY_INVALID, object=rsa, pin-value=4321, another PIN",
        "ARGUMENT_INVALID, colour=red, pin-value=1234, colour",
        "ARGUMENT_INVALID, token=release, pin-value=1234, neither",
        "INPUT_MISSING, object=rsa, pin-source=file:/no/such/file, nothing there"
    })
    void whatIsWrongWithATokenIsSaidInOneLine(
            FailureCode code, String path, String query, String found) throws Exception {
        String line = refuses(code, uri(path, query));
        assertTrue(line.contains(found), line);
        assertTrue(!line.contains("4321"), line);
    }

    @Test
    void aLibraryThatIsMissingOrNoneIsSaidInOneLine() throws Exception {
        refuses(FailureCode.TOKEN_UNREACHABLE, "pkcs11:object=rsa?module-path=/no/such.so");
        Path text = Files.writeString(folder.resolve("text.so"), "hello");
        refuses(FailureCode.TOKEN_UNREACHABLE, "pkcs11:object=rsa?module-path=" + text);
        Path other = Tools.library("x86_64-linux-gnu/libz.so.1");
        refuses(FailureCode.TOKEN_UNREACHABLE, "pkcs11:object=rsa?module-path=" + other);
        refuses(FailureCode.ARGUMENT_INVALID, "pkcs11:object=rsa");
    }

    @ParameterizedTest
    @CsvSource({
        "ED25519, '', ed25519",
        "EC, ec_paramgen_curve:P-256, ecdsa-p256-sha256",
        "EC, ec_paramgen_curve:P-384, ecdsa-p384-sha384",
        "RSA, rsa_keygen_bits:3072, rsa-pkcs1-sha256",
        "RSA, rsa_keygen_bits:4096, rsa-pkcs1-sha256",
        "ML-DSA-65, '', ml-dsa-65"
    })
    void aCommandSignsWithAKeyOfEveryKind(String algorithm, String option, String scheme)
            throws Exception {
        Tools.Tool openssl = Tools.find("openssl");
        Path own = Files.createTempDirectory(folder, "command");
        Path key = own.resolve("key.pem");
        List<Object> line = new ArrayList<>(List.of("genpkey", "-algorithm", algorithm));
        line.addAll(option.isEmpty() ? List.of() : List.of("-pkeyopt", option));
        line.addAll(List.of("-out", key));
        openssl.check(line.toArray());
        Path script = Files.createFile(own.resolve("sign.sh"));
        Files.writeString(
                script,
                """
                #!/bin/sh
                case $1,$2 in
                public-key,) exec %2$s pkey -in %1$s/key.pem -pubout ;;
                sign,%3$s) cat >%1$s/message && exec %2$s %4$s ;;
                esac
                exit 8
                """
                        .formatted(
                                own,
                                String.join(" ", openssl.command()),
                                scheme,
                                scheme.contains("sha")
                                        ? "dgst -%1$s -sign %2$s/key.pem %2$s/message"
                                                .formatted(scheme.replaceFirst(".*-", ""), own)
                                        : "pkeyutl -sign -rawin -inkey %1$s/key.pem -in %1$s/message"
                                                .formatted(own)));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        verifiesACertificateOf("exec:" + script, own.resolve("c.pem"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ed25519", "ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ml-dsa-65"})
    void aPemFileSignsWithAKeyOfEveryKind(String algorithm) throws Exception {
        Path key = folder.resolve("pem-" + algorithm);
        CommandLine.flipsideImage()
                .check("key", "generate", "--algorithm", algorithm, "--out", key);
        verifiesACertificateOf(key + ".key.pem", folder.resolve("pem-" + algorithm + ".crt.pem"));
    }

    private static void verifiesACertificateOf(String key, Path certificate) throws Exception {
        CommandLine.flipsideImage()
                .check("key", "certificate", "--key", key, "--name", "c", "--out", certificate);
        Tools.find("openssl").check("verify", "-CAfile", certificate, certificate);
    }

    @Test
    void opensslsEncryptedKeysOpenWithTheirPassphrase() throws Exception {
        Path key = folder.resolve("secret.pem");
        Path passphrase = Files.writeString(folder.resolve("passphrase"), "open sesame\n");
        Tools.find("openssl")
                .check(
                        "genpkey",
                        "-algorithm",
                        "EC",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-384",
                        "-aes256",
                        "-pass",
                        "file:" + passphrase,
                        "-out",
                        key);
        Path certificate = folder.resolve("secret.crt.pem");
        CommandLine.flipsideImage()
                .check(
                        "key",
                        "certificate",
                        "--key",
                        "file:" + key + "?passphrase-file=" + passphrase,
                        "--name",
                        "s",
                        "--out",
                        certificate);
        Tools.find("openssl").check("verify", "-CAfile", certificate, certificate);
    }

    private static String refuses(FailureCode code, String key) throws IOException {
        return image.refuses(
                code,
                "key",
                "certificate",
                "--key",
                key,
                "--name",
                "x",
                "--out",
                folder.resolve("none.pem"));
    }

    private static String uri(String path, String query) {
        return SoftToken.uri(path, query);
    }
}
