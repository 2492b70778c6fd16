package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code flipside-image diff} foretells is what a host fetches from a real nginx. */
class UpdateCostTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final int WIDE_FILES = 200;
    private static final Duration LOGGED = Duration.ofSeconds(10);

    @TempDir Path folder;

    @Test
    void foretellsToTheByteWhatAHostFetches() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2").with("usr/share/small/05a", "moves what follows"));
        bench.publish("1");
        ObjectNode foretold = diff(bench, "1", "2");
        long bytes = foretold.at("/fetch/totalBytes").longValue();
        int requests = foretold.at("/fetch/requests").intValue();

        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            Workbench.Host host = bench.install(bench.disk("1", "16MiB"), "host", server.uri());
            host.boot();
            bench.publish("2");
            int before = server.requests().size();
            host.flipctl("update");
            Awaitility.await().atMost(LOGGED).until(() -> blobs(server, before).size() >= requests);

            List<String> fetched = blobs(server, before);
            assertEquals(bytes, bodyBytes(fetched), () -> String.join("\n", fetched));
            assertEquals(requests, fetched.size(), () -> String.join("\n", fetched));
            List<String> others = after(server, before);
            others.removeAll(fetched);
            assertTrue(
                    others.stream().allMatch(it -> it.matches("GET /(metadata|targets)/.*")),
                    () -> "all else is signed metadata: " + others);
        }
        assertTrue(bytes < foretold.at("/fetch/fullBytes").longValue());
        assertTrue(foretold.at("/blocks/reused").longValue() > 0);
    }

    /** Some megabytes of files that stay, so that the hash tree has many blocks. */
    private static SmallRoot wide(String changed) {
        SmallRoot root = SmallRoot.of("same").with("usr/share/small/a", changed);
        for (int i = 0; i < WIDE_FILES; i++) {
            byte[] content = new byte[64 << 10];
            new SplittableRandom(i).nextBytes(content);
            root.with("usr/share/wide/%03d".formatted(i), content);
        }
        return root;
    }

    @Test
    void fetchesForAChangeOfOneFileOnlyTheTreeBlocksThatChanged() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", wide("before"));
        bench.build("2", wide("behind"));
        bench.publish("1");
        ObjectNode foretold = diff(bench, "1", "2");
        Path newTree = bench.release("2").resolve("root.verity");
        Set<ByteBuffer> changed = treeBlocks(newTree);
        int all = changed.size();
        changed.removeAll(treeBlocks(bench.release("1").resolve("root.verity")));

        try (NginxServer server = NginxServer.serve(bench.repository(), folder.resolve("nginx"))) {
            Workbench.Host host = bench.install(bench.disk("1", "16MiB"), "host", server.uri());
            host.boot();
            bench.publish("2");
            int before = server.requests().size();
            host.flipctl("update");
            int requests = foretold.at("/fetch/requests").intValue();
            Awaitility.await().atMost(LOGGED).until(() -> blobs(server, before).size() >= requests);

            List<String> fetched = blobs(server, before);
            assertEquals(
                    foretold.at("/fetch/totalBytes").longValue(),
                    bodyBytes(fetched),
                    () -> String.join("\n", fetched));
            String digest = Digest.sha256(newTree);
            List<String> ofTree = fetched.stream().filter(it -> it.contains(digest)).toList();
            assertEquals(
                    changed.size() * 4096L, bodyBytes(ofTree), () -> String.join("\n", ofTree));
        }
        assertTrue(changed.size() * 2 < all, changed.size() + " of " + all);
        assertEquals(changed.size() * 4096L, foretold.at("/fetch/treeBytes").longValue());
    }

    /** The different blocks of a hash tree, but for its superblock. */
    private static Set<ByteBuffer> treeBlocks(Path tree) throws Exception {
        byte[] bytes = Files.readAllBytes(tree);
        Set<ByteBuffer> blocks = new HashSet<>();
        for (int at = 4096; at < bytes.length; at += 4096) {
            blocks.add(ByteBuffer.wrap(bytes, at, 4096).slice());
        }
        return blocks;
    }

    @Test
    void writesThePageWhole() throws Exception {
        Workbench bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        Path page = folder.resolve("cost.html");
        IMAGE.check("diff", bench.release("1"), bench.release("2"), "--html", page);
        assertTrue(Files.readString(page).endsWith("</html>\n"));
        assertEquals(
                List.of("cost.html"),
                Workbench.names(folder).stream().filter(it -> it.contains("html")).toList());
    }

    private static ObjectNode diff(Workbench bench, String from, String to) throws Exception {
        String lines = IMAGE.check("diff", bench.release(from), bench.release(to), "--json");
        return Workbench.parse(lines.lines().toList().getLast());
    }

    private static List<String> after(NginxServer server, int before) throws Exception {
        List<String> all = server.requests();
        return new java.util.ArrayList<>(all.subList(before, all.size()));
    }

    private static List<String> blobs(NginxServer server, int before) throws Exception {
        return after(server, before).stream().filter(it -> it.startsWith("GET /blobs/")).toList();
    }

    /** The fourth word of a line of the log. */
    private static long bodyBytes(List<String> requests) {
        return requests.stream().mapToLong(it -> Long.parseLong(it.split(" ")[3])).sum();
    }
}
