package dev.flipside.builder.provenance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest.Artifact;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a release was built: an in-toto statement (version 1) with a provenance predicate of SLSA
 * (version 1).
 *
 * <p>Invariant: the same inputs, options and builder give the same bytes. So it says neither when
 * nor where the builder ran, which SLSA leaves optional.
 *
 * @param products the files that were made, all but this statement and the manifest that pins it
 * @param parameters the options that the caller chose, as JSON has them
 * @param inputs what it was made from
 * @param versions of this program, and of others that had a part in the bytes
 */
public record Provenance(
        List<Artifact> products,
        ObjectNode parameters,
        List<Input> inputs,
        SortedMap<String, String> versions) {
    public static final String FILE = "provenance.json";

    static final String STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
    static final String PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

    /** Described in docs/reference/sbom-and-provenance.md; another meaning needs another one. */
    static final String BUILD_TYPE = "https://flipside.dev/provenance/build/v1";

    static final String BUILDER = "https://flipside.dev/flipside-image";

    public Provenance {
        products = List.copyOf(products);
        inputs = List.copyOf(inputs);
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
    }

    /**
     * Something that a release was made from.
     *
     * @param name what it is in the release, as {@code kernel}; never its path on the machine
     * @param path in the root file system, for what was found there
     * @param algorithm {@code sha256} of a file, {@code dirHash} of a tree of files
     * @param digest in lowercase hex
     */
    public record Input(String name, Optional<String> path, String algorithm, String digest) {
        /** A file, by the SHA-256 digest of its bytes. */
        public static Input file(String name, Optional<String> path, String sha256) {
            return new Input(name, path, "sha256", sha256);
        }

        /** A tree, by what {@link TreeDigest} says. */
        public static Input tree(String name, String digest) {
            return new Input(name, Optional.empty(), "dirHash", digest);
        }
    }

    /** The statement, as the artifact {@value #FILE}. */
    public byte[] json() {
        ObjectNode statement = StrictJson.object().put("_type", STATEMENT_TYPE);
        ArrayNode subjects = statement.putArray("subject");
        for (Artifact product : products) {
            ObjectNode subject = subjects.addObject().put("name", product.name());
            subject.putObject("digest").put("sha256", product.sha256());
        }
        statement.put("predicateType", PREDICATE_TYPE);
        ObjectNode predicate = statement.putObject("predicate");
        ObjectNode definition = predicate.putObject("buildDefinition").put("buildType", BUILD_TYPE);
        definition.set("externalParameters", parameters);
        ArrayNode dependencies = definition.putArray("resolvedDependencies");
        for (Input input : inputs) {
            ObjectNode dependency = dependencies.addObject().put("name", input.name());
            dependency.putObject("digest").put(input.algorithm(), input.digest());
            input.path().ifPresent(path -> dependency.putObject("annotations").put("path", path));
        }
        ObjectNode builder =
                predicate.putObject("runDetails").putObject("builder").put("id", BUILDER);
        versions.forEach(builder.putObject("version")::put);
        return StrictJson.pretty(statement);
    }
}
