package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Pointer;
import dev.flipside.repository.Channel.Wave;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Digests;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host makes of the rules in a channel, through the real commands. */
final class ChannelRulesTest {
    private static final Instant PAST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant NEVER = Instant.parse("2999-01-01T00:00:00Z");

    @TempDir Path folder;

    private Workbench bench;
    private Workbench.Host host;
    private RepositorySurgery surgery;

    @BeforeEach
    void runRelease1() throws Exception {
        bench = Workbench.open(folder);
        bench.build("1", SmallRoot.of("1"));
        bench.build("2", SmallRoot.of("2"));
        bench.publish("1");
        bench.publish("2");
        surgery = new RepositorySurgery(bench.repository(), bench.keys());
        Path disk = bench.disk("1", "16MiB");
        host = bench.install(disk, "host", bench.repository().toUri());
        host.boot();
    }

    private Pointer pointer(String version) throws Exception {
        byte[] manifest = Files.readAllBytes(bench.release(version).resolve("release.json"));
        return new Pointer(version, Digests.sha256(manifest));
    }

    private void channel(
            Pointer release, List<Pointer> stones, List<Pointer> withdrawn, Wave... waves)
            throws Exception {
        Architecture here = Architecture.X86_64;
        surgery.publish(
                RepositoryLayout.channel(Workbench.PRODUCT, here, "stable"),
                new Channel(
                                Workbench.PRODUCT,
                                here,
                                "stable",
                                release,
                                1,
                                stones,
                                withdrawn,
                                List.of(waves))
                        .write());
    }

    private void refuses(String rule) throws Exception {
        host.refuses(FailureCode.UPDATE_HELD, "update");
        String why = host.flipctl("why");
        assertTrue(why.contains(rule), why);
    }

    @Test
    void aSteppingStoneLeadsToWhatOnlyANewerUpdaterCanRead() throws Exception {
        byte[] newer =
                "{ \"format\" : 2, \"only\" : \"known later\" }".getBytes(StandardCharsets.UTF_8);
        surgery.publish(
                RepositoryLayout.release(Workbench.PRODUCT, Architecture.X86_64, "3"), newer);
        Pointer three = new Pointer("3", Digests.sha256(newer));
        channel(three, List.of(), List.of());
        refuses("newer-manifest");

        channel(three, List.of(pointer("1"), pointer("2")), List.of());
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");
        refuses("newer-manifest");
    }

    @Test
    void aHostGoesToNothingThatWasWithdrawnAndWaitsForItsWave() throws Exception {
        channel(pointer("2"), List.of(), List.of(pointer("2")));
        refuses("withdrawn");
        channel(pointer("2"), List.of(), List.of(), new Wave(NEVER, 100));
        refuses("wave");
        channel(pointer("2"), List.of(), List.of(), new Wave(PAST, 100));
        host.flipctl("update");
        host.boot();
        host.expect("2", "1", "committed");

        // Back to the release before, at once: what runs is no longer to be run.
        channel(pointer("1"), List.of(), List.of(pointer("2")), new Wave(NEVER, 100));
        host.flipctl("update");
        host.boot();
        host.expect("1", "2", "committed");
    }
}
