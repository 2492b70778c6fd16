package dev.flipside.updater.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class HttpSourceTlsTest {
    private static final String PASSWORD = "only-for-this-test";

    @TempDir Path folder;

    private SSLContext selfSigned() throws Exception {
        Path store = folder.resolve("server.p12");
        ExternalPrograms.Outcome made =
                ExternalPrograms.ofThisMachine()
                        .run(
                                ExternalPrograms.Invocation.of(
                                        Duration.ofSeconds(60),
                                        List.of(
                                                Path.of(System.getProperty("java.home"))
                                                        .resolve("bin/keytool")
                                                        .toString(),
                                                "-genkeypair",
                                                "-keyalg",
                                                "EC",
                                                "-alias",
                                                "server",
                                                "-dname",
                                                "CN=localhost",
                                                "-ext",
                                                "SAN=dns:localhost",
                                                "-storetype",
                                                "PKCS12",
                                                "-storepass",
                                                PASSWORD,
                                                "-keystore",
                                                store.toString())));
        assertTrue(made.succeeded(), made.output() + made.errors());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void refusesAServerWhoseCertificateNobodyVouchesForAndDoesNotTryAgain() throws Exception {
        List<Duration> waits = new ArrayList<>();
        try (var server =
                        ScriptedServer.start(
                                selfSigned().getServerSocketFactory(),
                                "https",
                                (r, out) -> ScriptedServer.serveWell(new byte[3], r, out));
                HttpSource source =
                        HttpSource.open(
                                server.url(),
                                SourceSettings.of(SourceLimits.usual()),
                                waits::add)) {
            FlipsideException e =
                    assertThrows(FlipsideException.class, () -> source.fetch("x", 10));
            assertEquals(FailureCode.SOURCE_UNREACHABLE, e.failure().code());
            assertTrue(e.failure().action().contains("certificate"), e.getMessage());
            assertEquals(List.of(), waits);
            assertEquals(0, server.requests().size());
        }
    }
}
