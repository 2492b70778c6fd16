package dev.flipside.tuf;

import static dev.flipside.tuf.Refusals.assertRefused;
import static dev.flipside.tuf.TestMetadata.delegation;
import static dev.flipside.tuf.TestMetadata.resigned;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.tuf.TargetSearch.Step;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who vouches for a target, over delegations of any shape (5.6.7). */
final class TargetSearchTest {
    private static final TestSigner SIGNER = TestSigner.number(70);
    private static final TestSigner OTHER = TestSigner.number(71);

    private final TestMetadata honest = new TestMetadata();
    private final Map<String, List<DelegatedRole>> graph = new LinkedHashMap<>();
    private final Map<String, SortedMap<String, Target>> targets = new TreeMap<>();
    private final Map<String, Instant> expiries = new TreeMap<>();
    private final Map<String, TestSigner> signers = new TreeMap<>();

    private void delegate(String from, String to, String... patterns) {
        add(from, delegation(to, SIGNER, false, patterns.length == 0 ? all() : patterns));
    }

    private static String[] all() {
        return new String[] {"*"};
    }

    private void add(String from, DelegatedRole role) {
        graph.computeIfAbsent(from, name -> new ArrayList<>()).add(role);
    }

    private void put(String role, String path) {
        targets.computeIfAbsent(role, name -> new TreeMap<>())
                .put(path, Target.of(path, role.getBytes(StandardCharsets.UTF_8)));
    }

    private Optional<Delegations> delegations(String role) {
        return graph.containsKey(role)
                ? Optional.of(
                        TestMetadata.delegations(
                                List.of(SIGNER, OTHER),
                                graph.get(role).toArray(new DelegatedRole[0])))
                : Optional.empty();
    }

    private byte[] file(String role) {
        return TestMetadata.signed(
                new TargetsMetadata(
                        1,
                        expiries.getOrDefault(role, TestMetadata.FRESH),
                        targets.getOrDefault(role, new TreeMap<>()),
                        delegations(role)),
                List.of(signers.getOrDefault(role, SIGNER)));
    }

    private TargetSearch search(String path) throws FlipsideException {
        honest.delegations = delegations("targets");
        honest.targets.putAll(targets.getOrDefault("targets", new TreeMap<>()));
        for (List<DelegatedRole> roles : List.copyOf(graph.values())) {
            for (DelegatedRole role : roles) {
                honest.otherTargetsFiles.put(role.fileName(), MetaFile.of(1, file(role.name())));
            }
        }
        return TrustedMetadata.anchoredIn(honest.rootFile(), TestMetadata.NOW)
                .finish()
                .timestamp(honest.timestampFile())
                .snapshot(honest.snapshotFile())
                .targets(honest.targetsFile())
                .search(path);
    }

    /** Searches to the end, and says which roles were visited on the way. */
    private List<String> visited(TargetSearch search) throws FlipsideException {
        List<String> names = new ArrayList<>();
        for (Optional<Step> step = search.next(); step.isPresent(); step = search.next()) {
            names.add(step.get().role().name());
            search.accept(step.get(), file(step.get().role().name()));
        }
        return names;
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    targets-A,                                                A
                    targets-A targets-B,                                      A B
                    targets-A targets-B B-C,                                  A B C
                    targets-A targets-B A-C A-D,                              A C D B
                    targets-A targets-B A-C C-D,                              A C D B
                    targets-A targets-B A-C! A-D,                             A C
                    targets-A targets-B A-C! C-D,                             A C D
                    targets-A:*.py targets-B A-C,                             B
                    targets-A targets-B A-C:*.py C-D,                         A B
                    targets-A targets-B B-C C-D D-B,                          A B C D
                    targets-A targets-B B-C A-C,                              A C B
                    targets-A targets-B B-C A-C:*.py,                         A B C
                    targets-A A-A,                                            A
                    """)
    void visitsRolesInPreOrderDepthFirst(String edges, String order) throws FlipsideException {
        for (String edge : edges.split(" ")) {
            String[] ends = edge.split("[-:!]");
            String[] patterns = edge.contains(":") ? new String[] {ends[2]} : all();
            add(ends[0], delegation(ends[1], SIGNER, edge.endsWith("!"), patterns));
        }
        assertEquals(order, String.join(" ", visited(search("missing"))));
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    targetfile,          '',   targets
                    README.md,           A,    A
                    releases/x/x_v1,     B C,  C
                    releases/y/y_v1.zip, B D,  D
                    releases/z/z_v1.zip, B,    ''
                    releases/README.md,  '',   ''
                    foo-1.tgz,           A,    A
                    foo-alpha.tgz,       '',   ''
                    README.MD,           '',   ''
                    """)
    void findsATargetOnlyWhereAllRolesOnTheWayAreTrustedWithIt(
            String path, String order, String owner) throws FlipsideException {
        delegate("targets", "A", "*.doc", "*.md", "foo-?.tgz");
        delegate("targets", "B", "releases/*/*");
        delegate("B", "C", "releases/x/*");
        delegate("B", "D", "releases/y/*.zip");
        put("targets", "targetfile");
        put("A", "README.md");
        put("A", "releases/README.md");
        put("A", "foo-1.tgz");
        put("A", "foo-alpha.tgz");
        put("C", "releases/x/x_v1");
        put("D", "releases/y/y_v1.zip");
        put("D", "releases/z/z_v1.zip");
        TargetSearch search = search(path);
        assertEquals(order, String.join(" ", visited(search)));
        assertEquals(
                owner.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Target.of(path, owner.getBytes(StandardCharsets.UTF_8))),
                search.found());
    }

    @Test
    void followsHashPrefixes() throws FlipsideException {
        String digest = Digests.sha256("bin".getBytes(StandardCharsets.UTF_8));
        RoleKeys keys = delegation("x", SIGNER, false).keys();
        add(
                "targets",
                new DelegatedRole("A", keys, false, List.of(), List.of("zz", "0123456789abcdef")));
        add(
                "targets",
                new DelegatedRole("B", keys, false, List.of(), List.of(digest.substring(0, 3))));
        graph.get("targets").removeFirst();
        put("B", "bin");
        TargetSearch search = search("bin");
        assertEquals(List.of("B"), visited(search));
        assertTrue(search.found().isPresent());
        assertEquals(List.of(), visited(search("another")));
    }

    @Test
    void takesTheFirstRoleThatVouches() throws FlipsideException {
        delegate("targets", "A");
        delegate("targets", "B");
        put("A", "x");
        put("B", "x");
        TargetSearch search = search("x");
        assertEquals(List.of("A"), visited(search));
        assertEquals(1, search.found().orElseThrow().lengthBytes());
    }

    @Test
    void visitsABoundedNumberOfRoles() throws FlipsideException {
        for (int i = 0; i < 3 * TargetSearch.MAX_ROLES; i++) {
            delegate("targets", "role" + i);
        }
        put("role" + (2 * TargetSearch.MAX_ROLES), "x");
        TargetSearch search = search("x");
        assertEquals(TargetSearch.MAX_ROLES, visited(search).size());
        assertTrue(search.found().isEmpty());
    }

    @Test
    void believesARoleOnlyWithTheKeysOfTheDelegatorOnThisWay() throws FlipsideException {
        delegate("targets", "A", "a");
        delegate("targets", "B", "b");
        add("A", delegation("C", SIGNER, false, "a"));
        add("B", delegation("C", OTHER, false, "b"));
        put("C", "a");
        put("C", "b");
        assertEquals(List.of("A", "C"), visited(search("a")));
        TargetSearch search = search("b");
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> visited(search));
        assertTrue(search.found().isEmpty());
    }

    @Test
    void refusesADelegatedRoleThatTheSnapshotDoesNotName() throws FlipsideException {
        delegate("targets", "A");
        TargetSearch search = search("x");
        honest.otherTargetsFiles.clear();
        TargetSearch without =
                TrustedMetadata.anchoredIn(honest.rootFile(), TestMetadata.NOW)
                        .finish()
                        .timestamp(honest.timestampFile())
                        .snapshot(honest.snapshotFile())
                        .targets(honest.targetsFile())
                        .search("x");
        assertRefused(
                FailureCode.METADATA_MISMATCH,
                () -> without.expected(without.next().orElseThrow()));
        assertEquals(List.of("A"), visited(search));
    }

    @Test
    void refusesADelegatedRoleThatIsExpiredOrNotTheOneInTheSnapshot() throws FlipsideException {
        delegate("targets", "A");
        expiries.put("A", TestMetadata.EXPIRED);
        TargetSearch expired = search("x");
        assertRefused(FailureCode.METADATA_EXPIRED, () -> visited(expired));
        expiries.clear();
        TargetSearch search = search("x");
        put("A", "y");
        assertRefused(FailureCode.METADATA_MISMATCH, () -> visited(search));
        signers.put("A", OTHER);
        TargetSearch forged = search("x");
        assertRefused(FailureCode.SIGNATURE_INVALID, () -> visited(forged));
    }

    @Test
    void refusesDelegationsOutOfForm() {
        delegate("targets", "A");
        honest.delegations = delegations("targets");
        for (String name : new String[] {"", "root", "Targets", "snapshot", "x".repeat(65)}) {
            assertDelegationRefused(role -> role.put("name", name));
        }
        assertDelegationRefused(role -> role.remove("paths"));
        assertDelegationRefused(role -> role.putArray("path_hash_prefixes").add("ab"));
        assertDelegationRefused(
                role -> {
                    role.remove("paths");
                    role.putArray("path_hash_prefixes").add("AB");
                });
        byte[] twice =
                resignedTargets(
                        signed -> {
                            ArrayNode roles = (ArrayNode) signed.at("/delegations/roles");
                            roles.add(roles.get(0).deepCopy());
                        });
        assertRefused(FailureCode.METADATA_MALFORMED, () -> SignedMetadata.targets(twice));
    }

    private void assertDelegationRefused(java.util.function.Consumer<ObjectNode> change) {
        byte[] file =
                resignedTargets(
                        signed -> change.accept((ObjectNode) signed.at("/delegations/roles/0")));
        assertRefused(FailureCode.METADATA_MALFORMED, () -> SignedMetadata.targets(file));
    }

    private byte[] resignedTargets(java.util.function.Consumer<ObjectNode> change) {
        return resigned(honest.targetsFile(), change, honest.signers.get(Role.TARGETS).getFirst());
    }

    @Test
    void readsTheDelegationsThatItWrote() throws FlipsideException {
        delegate("targets", "A", "a/*");
        add("targets", delegation("B", OTHER, true, "b"));
        honest.delegations = delegations("targets");
        assertEquals(
                honest.delegations,
                SignedMetadata.targets(honest.targetsFile()).metadata().delegations());
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    *,          a,        true
                    *,          a/b,      false
                    */*,        a/b,      true
                    a*c,        abbc,     true
                    a*c,        abcd,     false
                    a*b*c,      axbxbxc,  true
                    **,         abc,      true
                    ?,          a,        true
                    ?,          ab,       false
                    '',         '',       true
                    '',         a,        false
                    a/?/*,      a/b/,     true
                    [ab],       a,        false
                    """)
    void matchesPatternsAsShellsDo(String pattern, String path, boolean matches) {
        assertEquals(matches, new PathPattern(pattern).matches(path));
    }

    @Test
    void matchesAHostilePatternInBoundedTime() {
        assertFalse(new PathPattern("*a".repeat(500) + "b").matches("a".repeat(1000)));
    }
}
