package dev.flipside.integration;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DiskFolder;
import dev.flipside.platform.DurableFolder;
import dev.flipside.tuf.Role;
import dev.flipside.updater.trust.TrustStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The metadata folder of the conformance suite: {@code host/} is what a host has (the root of its
 * image, and its trust store), and beside it stand copies under the names that the suite reads.
 */
final class TufClientFolder {
    private static final String ROOT = "root.json";
    private static final String HISTORY = "root_history";
    private static final String DELEGATED = "delegated";

    private final Path folder;
    private final Path image;
    private final Path trust;

    TufClientFolder(Path folder) {
        this.folder = folder;
        this.image = folder.resolve("host/image");
        this.trust = folder.resolve("host/trust");
    }

    /** Trusts a root first, as an image would bring it along. */
    void init(Path root) throws IOException {
        DiskFolder.create(image).replace(ROOT, DurableFolder.Content.of(Files.readAllBytes(root)));
        copyTrusted();
    }

    TrustStore store() throws FlipsideException, IOException {
        Optional<byte[]> root = DiskFolder.create(image).read(ROOT, Role.ROOT.maxBytes());
        if (root.isEmpty()) {
            throw new FlipsideException(
                    FailureCode.INPUT_MISSING,
                    folder.toString(),
                    "a root to trust first",
                    "none",
                    "run 'tuf-client init' first");
        }
        return new TrustStore(DiskFolder.create(trust), root.get(), Instant.EPOCH);
    }

    /** Shows what is trusted now, and nothing else. */
    void copyTrusted() throws IOException {
        Map<String, Path> trusted = trusted();
        DurableFolder copies = DiskFolder.open(folder);
        for (String name : copies.list("")) {
            if (name.endsWith(".json") && !trusted.containsKey(name)) {
                copies.remove(name);
            }
        }
        for (Map.Entry<String, Path> entry : trusted.entrySet()) {
            copies.replace(
                    entry.getKey(), DurableFolder.Content.of(Files.readAllBytes(entry.getValue())));
        }
    }

    private Map<String, Path> trusted() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        files.put(ROOT, newestRoot());
        for (Role role : new Role[] {Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS}) {
            if (Files.exists(trust.resolve(role.fileName()))) {
                files.put(role.fileName(), trust.resolve(role.fileName()));
            }
        }
        for (String name : names(DELEGATED)) {
            files.put(name, trust.resolve(DELEGATED).resolve(name));
        }
        return files;
    }

    private Path newestRoot() throws IOException {
        List<Long> versions = new ArrayList<>();
        for (String name : names(HISTORY)) {
            versions.add(Long.parseLong(name.substring(0, name.indexOf('.'))));
        }
        return versions.stream()
                .max(Long::compare)
                .map(version -> trust.resolve(HISTORY).resolve(version + "." + ROOT))
                .orElse(image.resolve(ROOT));
    }

    private List<String> names(String in) throws IOException {
        return DiskFolder.create(trust).list(in);
    }
}
