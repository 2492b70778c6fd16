package dev.flipside.integration;

import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.RunningProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * A real nginx on a free port of 127.0.0.1 that serves one folder, with all of its own files in
 * another. One process, so that stopping it stops it whole.
 */
public final class NginxServer implements AutoCloseable {
    private static final int TRIES = 5;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final int LOOKS = 1500;
    private static final Duration END = Duration.ofSeconds(10);

    private final RunningProgram process;
    private final int port;
    private final Path folder;
    private final String scheme;

    private NginxServer(RunningProgram process, String scheme, int port, Path folder) {
        this.process = process;
        this.scheme = scheme;
        this.port = port;
        this.folder = folder;
    }

    /** Serves {@code root}; {@code folder} is made, and takes configuration, logs and scratch. */
    public static NginxServer serve(Path root, Path folder) throws IOException {
        return serve(root, folder, OptionalInt.empty(), "http", "");
    }

    /** The same on a port that somebody knows already, if it is still free. */
    static NginxServer serveAt(int port, Path root, Path folder) throws IOException {
        return serve(root, folder, OptionalInt.of(port), "http", "");
    }

    /**
     * The same with more of nginx's directives for the server.
     *
     * @param scheme {@code https} where the lines ask for TLS
     */
    static NginxServer serve(Path root, Path folder, String scheme, String lines)
            throws IOException {
        return serve(root, folder, OptionalInt.empty(), scheme, lines);
    }

    private static NginxServer serve(
            Path root, Path folder, OptionalInt wanted, String scheme, String lines)
            throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("nothing"), new byte[0]);
        for (int tries = 0; tries < TRIES; tries++) {
            // Another program may take the port in between; then the next one is tried.
            int port = wanted.isPresent() ? wanted.getAsInt() : freePort();
            NginxServer server =
                    new NginxServer(
                            start(folder, configuration(root, folder, port, lines)),
                            scheme,
                            port,
                            folder);
            if (server.listens()) {
                return server;
            }
            server.close();
        }
        throw new IOException(
                "nginx does not start: " + Files.readString(folder.resolve("output")));
    }

    public URI uri() {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** One line a request: {@code METHOD URI STATUS BODY-BYTES RANGE-HEADER}. */
    public List<String> requests() throws IOException {
        return Files.readAllLines(folder.resolve("access.log"));
    }

    @Override
    public void close() {
        process.terminate();
        endsWithin(END);
        process.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static RunningProgram start(Path folder, String text) throws IOException {
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(configuration, text);
        ToolTree tree = ToolTree.ofThisMachine();
        ToolTree.Program nginx = tree.require("nginx");
        // Without -e, nginx opens the log of the host's own nginx before it reads a configuration.
        List<String> line =
                nginx.line("-p", folder, "-e", folder.resolve("error.log"), "-c", configuration);
        return ExternalPrograms.ofThisMachine()
                .launch(line, nginx.environment(), folder.resolve("output"));
    }

    private static String configuration(Path root, Path folder, int port, String lines) {
        return """
        daemon off;
        master_process off;
        pid "FOLDER/pid";
        events {}
        http {
            log_format requests '$request_method $request_uri $status $body_bytes_sent $http_range';
            access_log "FOLDER/access.log" requests;
            client_body_temp_path "FOLDER/body";
            proxy_temp_path "FOLDER/proxy";
            fastcgi_temp_path "FOLDER/fastcgi";
            uwsgi_temp_path "FOLDER/uwsgi";
            scgi_temp_path "FOLDER/scgi";
            server {
                listen 127.0.0.1:PORT TLS;
                LINES
                root "ROOT";
                error_page 404 /nothing;
                location = /nothing { internal; alias "FOLDER/nothing"; }
            }
        }
        """
                .replace("PORT TLS", lines.isEmpty() ? "PORT" : "PORT ssl")
                .replace("LINES", lines)
                .replace("FOLDER", folder.toString())
                .replace("PORT", Integer.toString(port))
                .replace("ROOT", root.toString());
    }

    private boolean listens() {
        for (int looks = 0; looks < LOOKS; looks++) {
            if (connects()) {
                return process.isAlive();
            }
            if (endsWithin(LOOK_AGAIN)) {
                return false;
            }
        }
        return false;
    }

    private boolean endsWithin(Duration timeout) {
        try {
            return process.awaitEnd(timeout).isPresent();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private boolean connects() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
