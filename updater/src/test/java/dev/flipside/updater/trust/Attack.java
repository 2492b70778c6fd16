package dev.flipside.updater.trust;

import static dev.flipside.tuf.TestMetadata.edited;
import static dev.flipside.tuf.TestMetadata.resigned;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.tuf.DelegatedRole;
import dev.flipside.tuf.MetaFile;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TargetsMetadata;
import dev.flipside.tuf.TestMetadata;
import dev.flipside.tuf.TestSigner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What each attack puts into the folder of a repository that was honest until then. */
enum Attack {
    ARBITRARY_SOFTWARE(FailureCode.SIGNATURE_INVALID, "timestamp.json", "snapshot.json") {
        @Override
        void make(Repository it) {
            it.metadata.signers.put(Role.TARGETS, List.of(TestSigner.number(90)));
            it.publishNext();
        }
    },
    ENDLESS_DATA(FailureCode.SOURCE_TOO_LARGE) {
        @Override
        void make(Repository it) {
            it.files.put("metadata/timestamp.json", new byte[64 << 20]);
        }
    },
    FREEZE(FailureCode.METADATA_EXPIRED) {
        @Override
        void make(Repository it) {
            it.metadata.raise(Role.TIMESTAMP);
            it.metadata.expiries.put(Role.TIMESTAMP, TestMetadata.EXPIRED);
            it.publish();
        }
    },
    ROLLBACK_OF_ROOT(FailureCode.METADATA_ROLLBACK) {
        @Override
        void make(Repository it) {
            it.files.put("metadata/2.root.json", it.files.get("metadata/1.root.json"));
        }
    },
    ROLLBACK_OF_TIMESTAMP(FailureCode.METADATA_ROLLBACK) {
        @Override
        void make(Repository it) {
            it.metadata.versions.put(Role.TIMESTAMP, 4L);
            it.publish();
        }
    },
    ROLLBACK_OF_SNAPSHOT(FailureCode.METADATA_ROLLBACK) {
        @Override
        void make(Repository it) {
            it.metadata.versions.put(Role.SNAPSHOT, 4L);
            it.metadata.raise(Role.TIMESTAMP);
            it.publish();
        }
    },
    ROLLBACK_OF_TARGETS(FailureCode.METADATA_ROLLBACK, "timestamp.json") {
        @Override
        void make(Repository it) {
            it.metadata.versions.put(Role.TARGETS, 4L);
            it.metadata.raise(Role.SNAPSHOT, Role.TIMESTAMP);
            it.publish();
        }
    },
    FAST_FORWARD(FailureCode.METADATA_MALFORMED) {
        @Override
        void make(Repository it) {
            // Beyond the last version, after which nothing could come.
            it.files.put(
                    "metadata/timestamp.json",
                    resigned(
                            it.metadata.timestampFile(),
                            signed -> signed.put("version", Long.MAX_VALUE),
                            it.signer(Role.TIMESTAMP)));
        }
    },
    MIX_AND_MATCH(FailureCode.METADATA_MISMATCH, "timestamp.json", "snapshot.json") {
        @Override
        void make(Repository it) {
            byte[] older = it.files.get("metadata/5.targets.json");
            it.publishNext();
            it.files.put("metadata/6.targets.json", older);
        }
    },
    WRONG_LENGTH(FailureCode.LENGTH_MISMATCH) {
        @Override
        void make(Repository it) {
            it.replaceTarget(content -> Arrays.copyOf(content, content.length - 1));
        }
    },
    WRONG_HASH(FailureCode.DIGEST_MISMATCH) {
        @Override
        void make(Repository it) {
            it.replaceTarget(
                    content -> {
                        byte[] changed = content.clone();
                        changed[0] ^= 1;
                        return changed;
                    });
        }
    },
    TOO_FEW_SIGNATURES(FailureCode.SIGNATURES_TOO_FEW, "root_history/2.root.json") {
        @Override
        void make(Repository it) {
            TestSigner first = it.signer(Role.TIMESTAMP);
            it.rotate(Role.TIMESTAMP, 2, first, TestSigner.number(91));
            it.metadata.signers.put(Role.TIMESTAMP, List.of(first));
            it.metadata.raise(Role.TIMESTAMP);
            it.files.put("metadata/timestamp.json", it.metadata.timestampFile());
        }
    },
    ONE_KEY_COUNTED_TWICE(FailureCode.SIGNATURE_REPEATED, "root_history/2.root.json") {
        @Override
        void make(Repository it) {
            TestSigner first = it.signer(Role.TIMESTAMP);
            it.rotate(Role.TIMESTAMP, 2, first, TestSigner.number(91));
            it.metadata.signers.put(Role.TIMESTAMP, List.of(first));
            it.metadata.raise(Role.TIMESTAMP);
            it.files.put(
                    "metadata/timestamp.json",
                    edited(
                            it.metadata.timestampFile(),
                            file -> {
                                ArrayNode list = (ArrayNode) file.get("signatures");
                                list.add(list.get(0).deepCopy());
                            }));
        }
    },
    THRESHOLD_ZERO(FailureCode.THRESHOLD_INVALID) {
        @Override
        void make(Repository it) {
            it.metadata.raise(Role.ROOT);
            it.files.put(
                    "metadata/2.root.json",
                    resigned(
                            it.metadata.rootFile(),
                            signed ->
                                    ((ObjectNode) signed.at("/roles/targets")).put("threshold", 0),
                            it.signer(Role.ROOT)));
        }
    },
    ROLE_NAME_WITH_SEPARATORS(
            FailureCode.SOURCE_FILE_MISSING, "timestamp.json", "snapshot.json", "targets.json") {
        @Override
        void make(Repository it) {
            it.delegate("../../outside", 1);
            it.files.put("outside.json", it.delegated);
            it.files.put("metadata/outside.json", it.delegated);
            it.publishNext();
        }
    },
    DELEGATION_CYCLE(
            FailureCode.TARGET_UNKNOWN,
            "timestamp.json",
            "snapshot.json",
            "targets.json",
            "delegated/a.json") {
        @Override
        void make(Repository it) {
            it.delegate("a", 1);
            it.delegated =
                    TestMetadata.signed(
                            new TargetsMetadata(
                                    1,
                                    TestMetadata.FRESH,
                                    new TreeMap<>(),
                                    it.metadata.delegations),
                            List.of(Repository.DELEGATE));
            it.files.put("metadata/1.a.json", it.delegated);
            it.metadata.otherTargetsFiles.put("a.json", MetaFile.of(1, it.delegated));
            it.publishNext();
        }
    },
    TWO_THOUSAND_DELEGATIONS(FailureCode.METADATA_OVER_LIMIT, "timestamp.json", "snapshot.json") {
        @Override
        void make(Repository it) {
            it.delegate("a", 2000);
            it.publishNext();
        }
    },
    HUNDRED_THOUSAND_SIGNATURES(FailureCode.SOURCE_TOO_LARGE) {
        @Override
        void make(Repository it) {
            it.files.put("metadata/timestamp.json", it.manySignatures(100_000));
        }
    },
    AS_MANY_SIGNATURES_AS_FIT(FailureCode.METADATA_OVER_LIMIT) {
        @Override
        void make(Repository it) {
            it.files.put("metadata/timestamp.json", it.manySignatures(1_500));
        }
    },
    NESTED_JSON(FailureCode.METADATA_TOO_DEEP) {
        @Override
        void make(Repository it) {
            it.files.put(
                    "metadata/timestamp.json",
                    ("{\"signed\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}")
                            .getBytes(StandardCharsets.UTF_8));
        }
    },
    DUPLICATE_JSON_KEYS(FailureCode.METADATA_AMBIGUOUS) {
        @Override
        void make(Repository it) {
            String honest =
                    new String(it.files.get("metadata/timestamp.json"), StandardCharsets.UTF_8);
            it.files.put(
                    "metadata/timestamp.json",
                    honest.replace("\"version\":5}", "\"version\":5,\"version\":6}")
                            .getBytes(StandardCharsets.UTF_8));
        }
    };

    private final FailureCode code;
    private final String honest;

    Attack(FailureCode code, String... honest) {
        this.code = code;
        this.honest = String.join(" ", honest);
    }

    /** How a host refuses it. */
    FailureCode code() {
        return code;
    }

    /**
     * What a host has checked and keeps before it meets the attack: each a file that the keys of
     * its role have signed, as the specification has it.
     */
    Set<String> honest() {
        return honest.isEmpty() ? Set.of() : Set.of(honest.split(" "));
    }

    /** What a host asks for: something that only a delegated role could have, or a target. */
    String asked() {
        return this == ROLE_NAME_WITH_SEPARATORS || this == DELEGATION_CYCLE
                ? "missing"
                : Repository.TARGET;
    }

    String folder() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    abstract void make(Repository it);

    /** A repository at version 5 of everything but its root, as files. */
    static final class Repository {
        static final TestSigner DELEGATE = TestSigner.number(95);
        static final String TARGET = "dir/a";

        final TestMetadata metadata = new TestMetadata();
        final Map<String, byte[]> files = new TreeMap<>();
        byte[] delegated = {};

        Repository(byte[] content) {
            metadata.targets.put(TARGET, Target.of(TARGET, content));
            for (Role role : new Role[] {Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP}) {
                metadata.versions.put(role, 5L);
            }
            files.put(path(), content);
            publish();
        }

        private String path() {
            return "targets/dir/" + metadata.targets.get(TARGET).digests().prefix() + ".a";
        }

        TestSigner signer(Role role) {
            return metadata.signers.get(role).getFirst();
        }

        void publish() {
            Map<Role, Long> versions = metadata.versions;
            files.put("metadata/" + versions.get(Role.ROOT) + ".root.json", metadata.rootFile());
            files.put(
                    "metadata/" + versions.get(Role.TARGETS) + ".targets.json",
                    metadata.targetsFile());
            files.put(
                    "metadata/" + versions.get(Role.SNAPSHOT) + ".snapshot.json",
                    metadata.snapshotFile());
            files.put("metadata/timestamp.json", metadata.timestampFile());
        }

        void publishNext() {
            metadata.raise(Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP);
            byte[] root = files.get("metadata/1.root.json");
            publish();
            files.put("metadata/1.root.json", root);
        }

        void rotate(Role role, int threshold, TestSigner... signers) {
            metadata.signers.put(role, List.of(signers));
            metadata.thresholds.put(role, threshold);
            metadata.raise(Role.ROOT);
            files.put("metadata/2.root.json", metadata.rootFile());
        }

        void replaceTarget(UnaryOperator<byte[]> change) {
            files.put(path(), change.apply(files.get(path())));
        }

        void delegate(String first, int count) {
            List<DelegatedRole> roles = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = i == 0 ? first : first + i;
                roles.add(TestMetadata.delegation(name, DELEGATE, false, "*"));
            }
            metadata.delegations =
                    Optional.of(
                            TestMetadata.delegations(
                                    List.of(DELEGATE), roles.toArray(new DelegatedRole[0])));
            delegated =
                    TestMetadata.signed(
                            new TargetsMetadata(1, TestMetadata.FRESH, new TreeMap<>()),
                            List.of(DELEGATE));
            metadata.otherTargetsFiles.put(first + ".json", MetaFile.of(1, delegated));
        }

        byte[] manySignatures(int count) {
            byte[] file =
                    edited(
                            metadata.timestampFile(),
                            json -> {
                                ArrayNode list = json.putArray("signatures");
                                for (int i = 0; i < count; i++) {
                                    list.addObject().put("keyid", "" + i).put("sig", "");
                                }
                            });
            return new String(file, StandardCharsets.UTF_8)
                    .replaceAll("\\s", "")
                    .getBytes(StandardCharsets.UTF_8);
        }
    }
}
