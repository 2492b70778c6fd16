package dev.flipside.tuf;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is trusted at each stage of a refresh, and the only ways from one stage to the next: the
 * checks of TUF 1.0.34, section 5, without its downloads and files. Every stage is immutable, so a
 * file that is refused leaves nothing behind. Numbers in the comments are the specification's.
 *
 * <p>Invariant: the rules are the same in all stages (5.1), so that metadata that was fresh when
 * the refresh began does not expire in the middle of it.
 */
public sealed interface TrustedMetadata {
    Rules rules();

    RootMetadata root();

    default Instant startTime() {
        return rules().startTime();
    }

    /**
     * What holds for a whole refresh.
     *
     * @param startTime 5.1: when it began; nothing that expires before or then is accepted
     * @param algorithms the kinds of keys that count
     */
    record Rules(Instant startTime, AlgorithmPolicy algorithms) {}

    /**
     * 5.2: the root that came with the image. It has to be signed by itself, so that a torn file is
     * not taken for one; its expiry does not matter.
     */
    static Roots anchoredIn(byte[] initialRoot, Rules rules) throws FlipsideException {
        SignedMetadata<RootMetadata> root = SignedMetadata.root(initialRoot);
        root.checkSignedBy(root.metadata(), Role.ROOT, rules.algorithms());
        return new Roots(rules, root.metadata());
    }

    /** The same, with every kind of key allowed. */
    static Roots anchoredIn(byte[] initialRoot, Instant startTime) throws FlipsideException {
        return anchoredIn(initialRoot, new Rules(startTime, AlgorithmPolicy.ANY));
    }

    /** 5.3: the chain of roots, at its newest link so far. */
    record Roots(Rules rules, RootMetadata root) implements TrustedMetadata {

        public Roots next(byte[] file) throws FlipsideException {
            SignedMetadata<RootMetadata> next = SignedMetadata.root(file);
            // 5.3.4: signed by a threshold of the keys of version N, and of version N+1.
            next.checkSignedBy(root, Role.ROOT, rules.algorithms());
            next.checkSignedBy(next.metadata(), Role.ROOT, rules.algorithms());
            // 5.3.5: exactly N+1. 5.3.6: its expiry does not matter yet.
            if (next.metadata().version() != root.version() + 1) {
                throw rollback(
                        "root.json", "version " + (root.version() + 1), next.metadata().version());
            }
            return new Roots(rules, next.metadata());
        }

        /**
         * 5.3.11: whether what was seen of timestamp and snapshot has to be forgotten when {@code
         * next} becomes the root. Only a key that is taken away counts: it may have been stolen and
         * used to raise versions. One that is added cannot have signed anything before.
         */
        public boolean isRecoveredBy(Roots next) {
            return root.isRevokedBy(next.root, Role.TIMESTAMP)
                    || root.isRevokedBy(next.root, Role.SNAPSHOT);
        }

        /** 5.3.10, with what was trusted before this refresh still to be added. */
        public Remembered finish() throws FlipsideException {
            checkFresh(root, rules);
            return new Remembered(rules, root, Optional.empty(), Optional.empty());
        }
    }

    /**
     * 5.4: the timestamp and the snapshot of an earlier refresh. They may have expired: they only
     * say which versions have been seen, below which nothing may fall.
     */
    record Remembered(
            Rules rules,
            RootMetadata root,
            Optional<TimestampMetadata> timestamp,
            Optional<SnapshotMetadata> snapshot)
            implements TrustedMetadata {

        public Remembered withTimestamp(byte[] file) throws FlipsideException {
            SignedMetadata<TimestampMetadata> stored = SignedMetadata.timestamp(file);
            stored.checkSignedBy(root, Role.TIMESTAMP, rules.algorithms());
            return new Remembered(rules, root, Optional.of(stored.metadata()), snapshot);
        }

        public Remembered withSnapshot(byte[] file) throws FlipsideException {
            SignedMetadata<SnapshotMetadata> stored = SignedMetadata.snapshot(file);
            stored.checkSignedBy(root, Role.SNAPSHOT, rules.algorithms());
            return new Remembered(rules, root, timestamp, Optional.of(stored.metadata()));
        }

        public Stamped timestamp(byte[] file) throws FlipsideException {
            SignedMetadata<TimestampMetadata> signed = SignedMetadata.timestamp(file);
            // 5.4.2
            signed.checkSignedBy(root, Role.TIMESTAMP, rules.algorithms());
            TimestampMetadata next = signed.metadata();
            // 5.4.3.1: not below the version seen. The same version is the same timestamp: what is
            // trusted stays, even if the content differs.
            if (timestamp.isPresent() && timestamp.get().version() >= next.version()) {
                if (timestamp.get().version() > next.version()) {
                    throw rollback(
                            "timestamp.json",
                            "version " + timestamp.get().version() + " or later",
                            next.version());
                }
                return sameTimestamp();
            }
            checkSnapshotVersion(next.snapshot().version());
            // 5.4.4
            checkFresh(next, rules);
            return new Stamped(rules, root, next, true, snapshot);
        }

        /**
         * The answer that the timestamp has not changed since it was stored: the same as an equal
         * version (5.4.3.1), and no way around its expiry (5.4.4).
         */
        public Stamped sameTimestamp() throws FlipsideException {
            TimestampMetadata same = timestamp.orElseThrow();
            checkFresh(same, rules);
            return new Stamped(rules, root, same, false, snapshot);
        }

        // 5.4.3.2, and the same against the stored snapshot, for a store whose timestamp is lost.
        private void checkSnapshotVersion(long version) throws FlipsideException {
            long seen =
                    Math.max(
                            timestamp.map(seenStamp -> seenStamp.snapshot().version()).orElse(0L),
                            snapshot.map(SnapshotMetadata::version).orElse(0L));
            if (version < seen) {
                throw rollback(
                        "timestamp.json: snapshot.json", "version " + seen + " or later", version);
            }
        }
    }

    /**
     * 5.5: a fresh timestamp.
     *
     * @param isNew whether it is not the one that was remembered, and has to be stored
     */
    record Stamped(
            Rules rules,
            RootMetadata root,
            TimestampMetadata timestamp,
            boolean isNew,
            Optional<SnapshotMetadata> rememberedSnapshot)
            implements TrustedMetadata {

        public Snapshotted snapshot(byte[] file) throws FlipsideException {
            // 5.5.2: the bytes that the timestamp means, before anything is read into them.
            timestamp.snapshot().check(file, Role.SNAPSHOT.fileName());
            SignedMetadata<SnapshotMetadata> signed = SignedMetadata.snapshot(file);
            // 5.5.3
            signed.checkSignedBy(root, Role.SNAPSHOT, rules.algorithms());
            SnapshotMetadata next = signed.metadata();
            // 5.5.4
            checkVersion(next, timestamp.snapshot().version(), Role.TIMESTAMP);
            // 5.5.5
            if (rememberedSnapshot.isPresent()) {
                checkNoTargetsFallBack(rememberedSnapshot.get(), next);
            }
            // 5.5.6
            checkFresh(next, rules);
            return new Snapshotted(rules, root, timestamp, next);
        }

        private static void checkNoTargetsFallBack(SnapshotMetadata seen, SnapshotMetadata next)
                throws FlipsideException {
            for (Map.Entry<String, MetaFile> entry : seen.meta().entrySet()) {
                MetaFile file = next.meta().get(entry.getKey());
                if (file == null || file.version() < entry.getValue().version()) {
                    throw rollback(
                            "snapshot.json: " + entry.getKey(),
                            "version " + entry.getValue().version() + " or later",
                            file == null ? 0 : file.version());
                }
            }
        }
    }

    /** 5.6: a fresh snapshot that the timestamp vouches for. */
    record Snapshotted(
            Rules rules, RootMetadata root, TimestampMetadata timestamp, SnapshotMetadata snapshot)
            implements TrustedMetadata {

        public Complete targets(byte[] file) throws FlipsideException {
            // 5.6.2
            snapshot.targets().check(file, Role.TARGETS.fileName());
            SignedMetadata<TargetsMetadata> signed = SignedMetadata.targets(file);
            // 5.6.3
            signed.checkSignedBy(root, Role.TARGETS, rules.algorithms());
            TargetsMetadata next = signed.metadata();
            // 5.6.4
            checkVersion(next, snapshot.targets().version(), Role.SNAPSHOT);
            // 5.6.5
            checkFresh(next, rules);
            return new Complete(rules, root, timestamp, snapshot, next);
        }
    }

    /** 5.7: all four roles, fresh and of one snapshot. */
    record Complete(
            Rules rules,
            RootMetadata root,
            TimestampMetadata timestamp,
            SnapshotMetadata snapshot,
            TargetsMetadata targets)
            implements TrustedMetadata {

        /** 5.6.7: the search for what vouches for a target path. */
        public TargetSearch search(String path) {
            return new TargetSearch(this, path);
        }
    }

    static void checkVersion(Metadata file, long expected, Role referrer) throws FlipsideException {
        if (file.version() != expected) {
            throw new FlipsideException(
                    FailureCode.METADATA_MISMATCH,
                    file.role().fileName(),
                    "version " + expected + ", which " + referrer.fileName() + " names",
                    "version " + file.version(),
                    "publish the repository again, or use another mirror");
        }
    }

    /** The expiry has to be later than the start of the refresh, not equal to it. */
    static void checkFresh(Metadata file, Rules rules) throws FlipsideException {
        if (!file.expires().isAfter(rules.startTime())) {
            throw new FlipsideException(
                    FailureCode.METADATA_EXPIRED,
                    file.role().fileName() + " version " + file.version(),
                    "an expiry after " + rules.startTime(),
                    file.expires().toString(),
                    "refresh the repository's metadata, or correct this machine's clock");
        }
    }

    private static FlipsideException rollback(String what, String expected, long found) {
        return new FlipsideException(
                FailureCode.METADATA_ROLLBACK,
                what,
                expected,
                found == 0 ? "nothing" : "version " + found,
                "use another mirror: this one serves a state older than one seen before");
    }
}
