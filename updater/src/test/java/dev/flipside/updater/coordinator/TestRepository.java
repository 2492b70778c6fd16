package dev.flipside.updater.coordinator;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.BlockDevice;
import dev.flipside.release.Architecture;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.host.HostLayout;
import dev.flipside.updater.lifecycle.Candidate;
import dev.flipside.updater.lifecycle.PollSchedule;
import dev.flipside.updater.lifecycle.RebootStrategy;
import dev.flipside.updater.lifecycle.Timing;
import dev.flipside.updater.lifecycle.Wanted;
import dev.flipside.updater.lifecycle.WithdrawalResponse;
import dev.flipside.updater.source.Source;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Releases 1, 2 and so on, a channel, and a stager that writes them. */
public final class TestRepository implements Repository, Stager {
    private final Map<String, TestRelease> releases = new TreeMap<>();
    private String offered;
    private boolean reachable = true;
    private long fetchedUkiBytes;
    private Set<String> withdrawn = Set.of();
    private Optional<byte[]> otherUki = Optional.empty();

    public TestRepository(TestRelease... releases) {
        for (TestRelease release : releases) {
            this.releases.put(release.version(), release);
            offered = release.version();
        }
    }

    static UpdaterConfig config() {
        return config(RebootStrategy.NEVER);
    }

    static UpdaterConfig config(RebootStrategy reboot) {
        return config(reboot, Timing.any());
    }

    static UpdaterConfig config(RebootStrategy reboot, Timing timing) {
        return config(reboot, timing, Path.of("state"));
    }

    /** The same with a state folder that is there, for who locks it or listens in it. */
    public static UpdaterConfig config(Path state) {
        return config(RebootStrategy.NEVER, Timing.any(), state);
    }

    private static UpdaterConfig config(RebootStrategy reboot, Timing timing, Path state) {
        return new UpdaterConfig(
                Path.of("flipside.toml"),
                new UpdaterConfig.Source(URI.create("file:///repository")),
                new UpdaterConfig.Policy(
                        "stable",
                        reboot,
                        AlgorithmPolicy.ANY,
                        timing,
                        WithdrawalResponse.WINDOW,
                        new PollSchedule(Duration.ofHours(1), Duration.ZERO),
                        Path.of("reboot-required")),
                new UpdaterConfig.Host(
                        "demo",
                        Architecture.X86_64,
                        Optional.empty(),
                        Optional.empty(),
                        state,
                        Path.of("system"),
                        Path.of("root.json")),
                new UpdaterConfig.Daemon(state.resolve("flipside.sock"), "", Optional.empty()),
                new UpdaterConfig.Health(
                        List.of("/health.d"), Duration.ofMinutes(3), Duration.ofMinutes(1)),
                new UpdaterConfig.Limits(1 << 16, 1 << 20, 1));
    }

    TestRelease release(String version) {
        return releases.get(version);
    }

    TestRelease ofUki(String imagePath) {
        return releases.values().stream()
                .filter(it -> EspLayout.imagePath(it.ukiDigest()).equals(imagePath))
                .findFirst()
                .orElseThrow(() -> new AssertionError(imagePath));
    }

    public void offer(String version) {
        offered = version;
    }

    /** The channel withdraws a release. */
    void withdraw(String version) {
        withdrawn = Set.of(releases.get(version).candidate().digest());
    }

    public void reachable(boolean newReachable) {
        reachable = newReachable;
    }

    long fetchedUkiBytes() {
        return fetchedUkiBytes;
    }

    /** Serves other bytes than the manifest names. */
    void serveAsUki(byte[] bytes) {
        otherUki = Optional.of(bytes);
    }

    @Override
    public Catalogue refresh() throws FlipsideException {
        if (!reachable) {
            throw new FlipsideException(
                    FailureCode.SOURCE_UNREACHABLE, "repository", "an answer", "none", "wait");
        }
        return new Catalogue() {
            @Override
            public Optional<Wanted.Offer> offered() {
                return Optional.of(new Wanted.Offer(offered, 1, List.of(), withdrawn, List.of()));
            }

            @Override
            public Optional<Candidate> find(String version) {
                return Optional.ofNullable(releases.get(version)).map(TestRelease::candidate);
            }
        };
    }

    @Override
    public void fetchUki(
            Candidate.Found release, long offsetBytes, long sizeBytes, Source.Sink sink)
            throws FlipsideException {
        byte[] uki = otherUki.orElse(releases.get(release.version()).uki().toByteArray());
        int from = (int) offsetBytes;
        byte[] range = Arrays.copyOfRange(uki, from, from + (int) sizeBytes);
        fetchedUkiBytes += sizeBytes;
        sink.accept(ByteBuffer.wrap(range).asReadOnlyBuffer());
    }

    @Override
    public Written write(Candidate.Found release, HostLayout layout, BlockDevice disk)
            throws IOException {
        releases.get(release.version())
                .writeTo(disk, layout.inactiveSlot(), layout.sectorSizeBytes());
        return new Written(1, 2, 3);
    }
}
