package dev.flipside.builder.repo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.Architecture;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Pointer;
import dev.flipside.repository.Channel.Wave;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rollouts, stepping stones, withdrawals and floors, as a repository keeps them. */
final class ChannelChangesTest extends SignedRepository {
    private Pointer published(String version, int securityVersion)
            throws FlipsideException, IOException {
        return new Pointer(
                version,
                publish(new TestRelease("shop", Architecture.X86_64, version, securityVersion))
                        .manifestSha256());
    }

    private ReleasePublication.Published publish(TestRelease release, String folderName)
            throws FlipsideException, IOException {
        return publish(release.writeTo(folder.resolve(folderName)));
    }

    private Channel channel(String name) throws FlipsideException, IOException {
        return new ChannelFiles(
                        new TargetChanges(
                                RepositoryFiles.open(repository), metadata().targets().targets()))
                .find("shop", Architecture.X86_64, name)
                .orElseThrow();
    }

    private Channel promote(String version, List<Wave> waves, boolean stone)
            throws FlipsideException, IOException {
        return promote(new ChannelPromotion.Request(Choice.ANY, "stable", version, waves, stone));
    }

    private ReleaseWithdrawal.Withdrawn withdraw(String version, String... instead)
            throws FlipsideException, IOException {
        return ReleaseWithdrawal.run(
                publisher(),
                new ReleaseWithdrawal.Request(
                        Choice.ANY, version, List.of(instead).stream().findFirst()));
    }

    private FloorRaise.Raised floor(int floor) throws FlipsideException, IOException {
        return FloorRaise.run(publisher(), Choice.ANY, floor);
    }

    @Test
    void rollsOutInWavesAndToEveryoneWhenNoneAreGiven() throws FlipsideException, IOException {
        init();
        published("1", 1);
        List<Wave> waves = Waves.parse("5@+0h,50@+1d,100@+3d", now);
        assertEquals(
                List.of(
                        new Wave(now, 5),
                        new Wave(now.plus(Duration.ofDays(1)), 50),
                        new Wave(now.plus(Duration.ofDays(3)), 100)),
                waves);
        promote("1", waves, false);
        assertEquals(waves, channel("stable").waves());
        promote("stable", "1");
        assertEquals(List.of(), channel("stable").waves());
    }

    @Test
    void keepsSteppingStonesInTheOrderOfTheirVersions() throws FlipsideException, IOException {
        init();
        Pointer nine = published("9", 1);
        Pointer ten = published("10", 1);
        published("11", 1);
        promote("10", List.of(), true);
        promote("9", List.of(), true);
        promote("9", List.of(), true);
        promote("11", List.of(), false);
        assertEquals(List.of(nine, ten), channel("stable").steppingStones());
        verify();
    }

    @Test
    void withdrawsFromEveryChannelAndPointsElsewhereInOnePublication()
            throws FlipsideException, IOException {
        init();
        Pointer one = published("1", 1);
        Pointer two = published("2", 1);
        promote("2", Waves.parse("5@+1d", now), true);
        promote("beta", "1");
        long before = metadata().snapshot().version();
        ReleaseWithdrawal.Withdrawn withdrawn = withdraw("2", "1");
        assertEquals(before + 1, metadata().snapshot().version());
        assertEquals(List.of(), withdrawn.leftBehind());
        assertEquals(2, withdrawn.channels().size());
        Channel stable = channel("stable");
        assertEquals(one, stable.release());
        assertEquals(List.of(two), stable.withdrawn());
        assertEquals(List.of(), stable.steppingStones(), "what is withdrawn is no stone");
        assertEquals(List.of(), stable.waves(), "who has to leave does not wait");
        assertEquals(List.of(two), channel("beta").withdrawn());
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> promote("stable", "2"));
        withdraw("2");
        assertEquals(List.of(two), channel("stable").withdrawn());
    }

    @Test
    void saysWhichChannelsStillPointToWhatIsWithdrawn() throws FlipsideException, IOException {
        init();
        published("1", 1);
        promote("stable", "1");
        assertEquals(1, withdraw("1").leftBehind().size());
    }

    @Test
    void withdrawsNothingThatIsNotThereOrFromNoChannel() throws FlipsideException, IOException {
        init();
        published("1", 1);
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> withdraw("2"));
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> withdraw("1"));
        promote("stable", "1");
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> withdraw("1", "3"));
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> withdraw("1", "1"));
        assertRefusedWithoutATrace(
                FailureCode.INPUT_MISSING,
                () ->
                        ReleaseWithdrawal.run(
                                publisher(),
                                new ReleaseWithdrawal.Request(
                                        new Choice(
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.of("beta")),
                                        "1",
                                        Optional.empty())));
    }

    @Test
    void raisesAFloorAndNeverLowersIt() throws FlipsideException, IOException {
        init();
        assertRefusedWithoutATrace(FailureCode.INPUT_MISSING, () -> floor(2));
        published("1", 1);
        published("2", 3);
        promote("stable", "1");
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> floor(2));
        promote("stable", "2");
        floor(3);
        assertEquals(3, channel("stable").securityFloor());
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> floor(2));
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> promote("stable", "1"));
    }

    @Test
    void raisesNoFloorAboveASteppingStone() throws FlipsideException, IOException {
        init();
        published("1", 1);
        published("2", 3);
        promote("1", List.of(), true);
        promote("stable", "2");
        assertRefusedWithoutATrace(FailureCode.ARGUMENT_INVALID, () -> floor(2));
        withdraw("1");
        floor(2);
    }

    @Test
    void signsSnapshotAndTimestampAnewWithTheirKeysAlone() throws FlipsideException, IOException {
        init();
        published("1", 1);
        Files.delete(keys.resolve("targets-1.key.pem"));
        Files.delete(keys.resolve("root-1.key.pem"));
        long targets = metadata().targets().version();
        now = now.plus(Duration.ofDays(6));
        RepositoryVerification.Freshness fresh = MetadataRefresh.run(publisher());
        assertEquals(Role.TIMESTAMP, fresh.role());
        assertEquals(now.plus(Duration.ofDays(7)), fresh.until());
        assertEquals(targets, metadata().targets().version());
        now = now.plus(Duration.ofDays(6));
        verify();
        Files.delete(keys.resolve("snapshot-1.key.pem"));
        assertRefusedWithoutATrace(FailureCode.KEY_MISSING, () -> MetadataRefresh.run(publisher()));
    }

    @Test
    void keepsWhatAChannelAPinOrADeltaNeedsAndDropsTheRest() throws FlipsideException, IOException {
        init();
        for (int version = 1; version <= 7; version++) {
            published(Integer.toString(version), 1);
        }
        promote("2", List.of(), true);
        promote("stable", "4");
        withdraw("7");
        GarbageCollection.Request request =
                new GarbageCollection.Request(1, java.util.Set.of("1"), false);
        assertEquals(
                List.of("shop 3 for x86-64", "shop 5 for x86-64", "shop 7 for x86-64"),
                GarbageCollection.run(
                                publisher(),
                                new GarbageCollection.Request(1, java.util.Set.of("1"), true))
                        .dropped());
        assertEquals(7, verify().releases(), "a dry run changes nothing");
        GarbageCollection.Collected first = GarbageCollection.run(publisher(), request);
        assertEquals(3, first.dropped().size());
        assertEquals(4, verify().releases());
        TestRelease three = TestRelease.of("3");
        String blob =
                RepositoryLayout.blob(
                        three.sha256(dev.flipside.release.ReleaseManifest.Artifact.Role.PACK));
        assertTrue(
                Files.exists(repository.resolve(blob)),
                "a host that is on its way finds it until the next run");
        MetadataRefresh.run(publisher());
        GarbageCollection.Collected second = GarbageCollection.run(publisher(), request);
        assertEquals(List.of(), second.dropped());
        assertFalse(Files.exists(repository.resolve(blob)));
        verify();
        assertEquals(
                0,
                GarbageCollection.run(publisher(), request).files(),
                "nothing is left to be removed");
        promote("stable", "6");
        publish(TestRelease.of("3"), "again");
        verify();
    }
}
