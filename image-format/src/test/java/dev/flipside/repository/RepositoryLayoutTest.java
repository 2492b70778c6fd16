package dev.flipside.repository;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flipside.release.Architecture;
import dev.flipside.tuf.Digests;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.Target;
import org.junit.jupiter.api.Test;

final class RepositoryLayoutTest {
    @Test
    void putsEverythingWhereTheReferenceSays() {
        assertEquals("metadata/4.snapshot.json", RepositoryLayout.metadata(Role.SNAPSHOT, 4));
        assertEquals("metadata/timestamp.json", RepositoryLayout.metadata(Role.TIMESTAMP));
        assertEquals(
                "releases/shop/x86-64/1.0/release.json",
                RepositoryLayout.release("shop", Architecture.X86_64, "1.0"));
        assertEquals(
                "channels/shop/arm64/stable.json",
                RepositoryLayout.channel("shop", Architecture.ARM64, "stable"));
        String digest = "ab".repeat(32);
        assertEquals("blobs/sha256/ab/" + digest, RepositoryLayout.blob(digest));
    }

    @Test
    void putsTheDigestInFrontOfTheLastPartOfATargetsPath() {
        String digest = "ab".repeat(32);
        Target target = new Target("channels/shop/arm64/stable.json", 1, Digests.ofSha256(digest));
        assertEquals(
                "targets/channels/shop/arm64/" + digest + ".stable.json",
                RepositoryLayout.target(target, true));
        assertEquals(
                "targets/channels/shop/arm64/stable.json", RepositoryLayout.target(target, false));
        assertEquals(
                "targets/" + digest + ".a",
                RepositoryLayout.target(new Target("a", 1, Digests.ofSha256(digest)), true));
    }
}
