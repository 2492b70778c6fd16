package dev.flipside.builder.repo;

import dev.flipside.release.Architecture;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.tuf.Digests;
import dev.flipside.verity.TreeGeometry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A small release whose artifacts hold nothing but what tells them apart. */
record TestRelease(String product, Architecture architecture, String version, int securityVersion) {
    private static final int DATA_BLOCKS = 2;
    private static final int BLOCK_BYTES = 4096;

    static TestRelease of(String version) {
        return new TestRelease("shop", Architecture.X86_64, version, 1);
    }

    static String name(Artifact.Role role) {
        return role.code() + ".bin";
    }

    /** Writes the release into a new folder, as {@code build} does. */
    Path writeTo(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Artifact> artifacts = new ArrayList<>();
        for (Artifact.Role role : Artifact.Role.values()) {
            byte[] content = content(role);
            Files.write(folder.resolve(name(role)), content);
            artifacts.add(new Artifact(role, name(role), content.length, Digests.sha256(content)));
        }
        Files.write(folder.resolve("release.json"), ReleaseManifestJson.write(manifest(artifacts)));
        return folder;
    }

    String sha256(Artifact.Role role) {
        return Digests.sha256(content(role));
    }

    byte[] content(Artifact.Role role) {
        int sizeBytes =
                switch (role) {
                    case IMAGE -> DATA_BLOCKS * BLOCK_BYTES;
                    case TREE -> (int) new TreeGeometry(DATA_BLOCKS).fileSizeBytes();
                    case UKI, PACK, INDEX, SIGNATURE, SPDX, CYCLONEDX, PROVENANCE -> 3000;
                };
        byte[] content = new byte[sizeBytes];
        // The tree is the same in all versions, as that of an unchanged image would be.
        String mark = role == Artifact.Role.TREE ? role.code() : role.code() + version;
        byte[] text = mark.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, content, 0, text.length);
        Arrays.fill(content, text.length, content.length, (byte) 7);
        return content;
    }

    private ReleaseManifest manifest(List<Artifact> artifacts) {
        return new ReleaseManifest(
                product,
                version,
                architecture,
                securityVersion,
                Instant.parse("2026-11-01T00:00:00Z"),
                new ReleaseManifest.Verity(
                        ReleaseManifest.Usage.ROOT,
                        "ab",
                        "00000000-0000-8000-8000-000000000000",
                        Digests.sha256(version.getBytes(StandardCharsets.UTF_8)),
                        DATA_BLOCKS),
                artifacts,
                DATA_BLOCKS * BLOCK_BYTES,
                new TreeGeometry(DATA_BLOCKS).fileSizeBytes(),
                1);
    }
}
