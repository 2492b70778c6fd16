package dev.flipside.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A certificate authority that lives for one test, made by OpenSSL. */
final class TestAuthority {
    private static final String CONFIGURATION = "[req]\ndistinguished_name = dn\n[dn]\n";

    private final Path folder;

    private TestAuthority(Path folder) {
        this.folder = folder;
    }

    static TestAuthority in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("openssl.cnf"), CONFIGURATION);
        TestAuthority authority = new TestAuthority(folder);
        authority.make("authority", "basicConstraints=critical,CA:TRUE");
        return authority;
    }

    Path certificate() {
        return certificate("authority");
    }

    Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /** Gives a certificate to a server on the loopback, or to a host. */
    TestAuthority issue(String name) throws IOException {
        make(
                name,
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-CA",
                certificate(),
                "-CAkey",
                key("authority"));
        return this;
    }

    /** Serves a folder over TLS, and only to those who show a certificate of this authority. */
    NginxServer serve(Path root, Path ownFolder) throws IOException {
        String lines =
                """
                ssl_certificate "%s";
                ssl_certificate_key "%s";
                ssl_client_certificate "%s";
                ssl_verify_client on;
                """
                        .formatted(certificate("server"), key("server"), certificate());
        return NginxServer.serve(root, ownFolder, "https", lines);
    }

    private void make(String name, String extension, Object... more) throws IOException {
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "req",
                                "-x509",
                                "-config",
                                folder.resolve("openssl.cnf"),
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-days",
                                "3",
                                "-subj",
                                "/CN=" + name,
                                "-addext",
                                extension,
                                "-keyout",
                                key(name),
                                "-out",
                                certificate(name)));
        line.addAll(List.of(more));
        Tools.find("openssl").check(line.toArray());
    }
}
