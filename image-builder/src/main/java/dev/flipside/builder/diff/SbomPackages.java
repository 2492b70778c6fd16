package dev.flipside.builder.diff;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packages that the CycloneDX SBOM of a release lists. */
final class SbomPackages {
    private static final int MAX_BYTES = 16 << 20;
    private static final Pattern ARCHITECTURE = Pattern.compile("[?&]arch=([^&#]+)");

    private SbomPackages() {}

    /** One package in all of its versions, as a kernel may have several. */
    record Name(String name, String architecture) implements Comparable<Name> {
        @Override
        public int compareTo(Name other) {
            int order = name.compareTo(other.name);
            return order != 0 ? order : architecture.compareTo(other.architecture);
        }
    }

    /** Empty when the release has no SBOM, or none that fits into memory. */
    static Optional<SortedMap<Name, SortedSet<String>>> read(ReleaseFolder release)
            throws IOException, FlipsideException {
        Optional<Artifact> artifact =
                release.manifest()
                        .artifact(Artifact.Role.CYCLONEDX)
                        .filter(it -> it.sizeBytes() <= MAX_BYTES);
        if (artifact.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) artifact.get().sizeBytes());
        try (FileChannel file = release.open(artifact.get())) {
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
        }
        JsonNode document =
                StrictJson.parse(
                        bytes.array(), artifact.get().name(), FailureCode.METADATA_MALFORMED);
        SortedMap<Name, SortedSet<String>> packages = new TreeMap<>();
        for (JsonNode component : document.path("components")) {
            Matcher architecture = ARCHITECTURE.matcher(component.path("purl").asText());
            if (component.has("purl")) {
                Name name =
                        new Name(
                                component.path("name").asText(),
                                architecture.find() ? architecture.group(1) : "");
                packages.computeIfAbsent(name, it -> new TreeSet<>())
                        .add(component.path("version").asText());
            }
        }
        return Optional.of(packages);
    }

    /** How many bytes belong to each package, by name. */
    static long bytesOf(Name name, Map<String, Long> byPackage) {
        return byPackage.getOrDefault(name.name(), 0L);
    }
}
