package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story through the real commands: what a vendor does, and what becomes of a host. */
class UpdateStoryTest {
    @TempDir Path folder;

    @Test
    void updatesAndCommitsThenUndoesABadReleaseAndDoesNotTryItAgain() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        bench.build("3", SmallRoot.of("3").without(SmallRoot.READY));
        bench.build("4", SmallRoot.of("4"));
        bench.publish("1");

        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            Workbench.Host host = bench.install(bench.disk("1", "16MiB"), "host", server.uri());
            host.boot();
            host.expect("1", "null", "idle");
            assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entries());

            bench.publish("2");
            updateTo2(host, server);

            bench.publish("3");
            rollBackFrom3(host);

            bench.publish("4");
            host.flipctl("update");
            host.boot();
            host.expect("4", "2", "committed");
            assertTrue(host.flipctl("verify").contains("slot"), "both slots can be verified");
        }
    }

    @Test
    void readsARepositoryOnAMediumToo() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        bench.publish("1");
        URI url = bench.repository().toUri();
        Workbench.Host host = bench.install(bench.disk("1", "16MiB"), "host", url);
        host.boot();
        bench.publish("2");
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");
        host.flipctl("rollback");
        host.boot();
        assertEquals("1", host.status().at("/booted/version").asText());
    }

    private static void updateTo2(Workbench.Host host, NginxServer server) throws Exception {
        host.flipctl("stage");
        host.expect("1", "null", "staged");
        assertEquals(List.of("flipside-0000000002+3-0.conf"), host.entries(), "nothing is flipped");
        host.flipctl("activate");
        host.expect("1", "2", "reboot-pending");
        String console = host.boot();
        assertTrue(console.contains("flipside-0000000003+2-1.conf"), console);
        host.expect("2", "1", "committed");
        assertTrue(
                server.requests().stream().anyMatch(line -> line.contains(" 206 ")),
                "blocks come by range");
        assertEquals(
                List.of(),
                server.requests().stream()
                        .filter(line -> line.contains(" 404 "))
                        .filter(line -> !line.contains("root.json"))
                        .toList(),
                "only the next root is asked for in vain");
        host.flipctl("update");
        host.expect("2", "1", "idle");
    }

    private static void rollBackFrom3(Workbench.Host host) throws Exception {
        host.flipctl("update");
        String console = host.boot();
        assertTrue(console.contains("health: FAILED small-is-ready"), console);
        assertTrue(console.contains("boot: marked bad"), console);
        host.expect("2", "3", "rolled-back");
        String why = host.flipctl("why");
        assertTrue(why.contains("3 was undone"), why);
        assertTrue(why.contains("small-is-ready"), why);
        assertTrue(why.contains("/usr/lib/small/ready"), why);
        String history = host.flipctl("history");
        assertTrue(history.contains("rolled-back"), history);

        String held = host.refuses(FailureCode.UPDATE_HELD, "update");
        assertTrue(held.contains("flipctl allow 3"), held);
        assertEquals(2, Workbench.names(host.folder().resolve("esp/flipside")).size());
        assertEquals("2", host.status().at("/booted/version").asText());
        host.boot();
        assertEquals("2", host.status().at("/booted/version").asText(), "it is not tried again");
    }
}
