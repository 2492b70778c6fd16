package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NginxServerTest {
    @TempDir Path folder;

    @Test
    void servesRangesAndTellsWhatWasAskedFor() throws Exception {
        Path root = Files.createDirectory(folder.resolve("root"));
        Files.writeString(root.resolve("file"), "0123456789");
        URI uri;
        try (HttpClient client = HttpClient.newHttpClient();
                NginxServer server = NginxServer.serve(root, folder.resolve("nginx"))) {
            uri = server.uri();
            HttpRequest request =
                    HttpRequest.newBuilder(uri.resolve("/file"))
                            .header("Range", "bytes=2-4")
                            .timeout(Duration.ofSeconds(10))
                            .build();
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(206, response.statusCode());
            assertEquals("234", response.body());
            Awaitility.await().until(() -> !server.requests().isEmpty());
            assertEquals(List.of("GET /file 206 3 bytes=2-4"), server.requests());
        }
        URI gone = uri;
        assertThrows(IOException.class, () -> gone.toURL().openStream());
    }
}
