package dev.flipside.builder.repo;

import dev.flipside.builder.openpgp.OpenPgpKey;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.DurableFolder;
import dev.flipside.platform.DurableFolder.Content;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Artifact;
import dev.flipside.release.ReleaseManifestJson;
import dev.flipside.repository.RepositoryLayout;
import dev.flipside.tuf.Target;
import dev.flipside.tuf.TrustedMetadata.Complete;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code sysupdate/PRODUCT/ARCH}: the releases once more, as systemd-sysupdate takes them.
 *
 * <p>Invariant: {@code SHA256SUMS} is made from the signed manifests alone, and never from what
 * stands there; so nobody who can only write to the repository gets a digest signed.
 */
final class SysupdateFolder {
    private static final String SUMS = "SHA256SUMS";
    private static final String SIGNATURE = "SHA256SUMS.gpg";
    private static final String DEFINITIONS = "sysupdate.d/";
    private static final String KEYRING = "import-pubring.gpg";

    private final RepositoryFiles files;
    private final ReleaseManifest manifest;
    private final String path;

    SysupdateFolder(RepositoryFiles files, ReleaseManifest manifest) {
        this.files = files;
        this.manifest = manifest;
        this.path = "sysupdate/" + manifest.product() + "/" + manifest.architecture().code() + "/";
    }

    /** Copies what is installed; nobody finds it before {@link #publish}. */
    void copy(DurableFolder release) throws IOException {
        for (Artifact.Role role : SysupdateName.ROLES) {
            Optional<Artifact> artifact = manifest.artifact(role);
            if (artifact.isPresent()) {
                copy(release, artifact.get());
            }
        }
    }

    private void copy(DurableFolder release, Artifact artifact) throws IOException {
        files.folder()
                .replace(
                        path + SysupdateName.of(manifest, artifact.role()),
                        out -> {
                            try (SeekableByteChannel in = release.open(artifact.name())) {
                                Measured copied = Measured.copy(in, out);
                                if (!copied.sha256().equals(artifact.sha256())) {
                                    throw new IOException(
                                            artifact.name() + " changed while it was copied");
                                }
                            }
                        });
    }

    /** Lists what is there of all releases, and says how hosts get it. */
    void publish(Complete current, SysupdateRequest request, Instant now)
            throws IOException, FlipsideException {
        Optional<OpenPgpKey> key = Optional.empty();
        if (request.key().isPresent()) {
            key = Optional.of(OpenPgpKey.of(request.key().get()));
        }
        byte[] sums = sums(current);
        String url = request.url() + "/" + path.substring(0, path.length() - 1);
        for (TransferFile transfer : TransferFile.all(manifest, url)) {
            put(DEFINITIONS + transfer.name(), transfer.text().getBytes(StandardCharsets.UTF_8));
        }
        // A signature of the list before is worth nothing, and hosts refuse the list without one.
        files.folder().remove(path + SIGNATURE);
        put(SUMS, sums);
        if (key.isPresent()) {
            put(DEFINITIONS + KEYRING, key.get().certificate());
            put(SIGNATURE, key.get().sign(sums, now));
        }
    }

    private void put(String name, byte[] content) throws IOException {
        files.folder().replace(path + name, Content.of(content));
    }

    private byte[] sums(Complete current) throws IOException, FlipsideException {
        SortedMap<String, String> digests = new TreeMap<>();
        for (Map.Entry<String, Target> target : current.targets().targets().entrySet()) {
            if (RepositoryLayout.isRelease(
                    target.getKey(), manifest.product(), manifest.architecture())) {
                add(digests, ReleaseManifestJson.parse(files.target(target.getValue())));
            }
        }
        StringBuilder text = new StringBuilder();
        digests.forEach((name, sha256) -> text.append(sha256 + "  " + name + "\n"));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private void add(SortedMap<String, String> digests, ReleaseManifest release)
            throws IOException {
        SortedMap<String, String> own = new TreeMap<>();
        for (Artifact.Role role : SysupdateName.ROLES) {
            Optional<Artifact> artifact = release.artifact(role);
            if (artifact.isPresent()) {
                String name = SysupdateName.of(release, role);
                Optional<Long> size = files.folder().sizeBytes(path + name);
                if (!size.equals(Optional.of(artifact.get().sizeBytes()))) {
                    // Published without --sysupdate, or taken away to make room.
                    return;
                }
                own.put(name, artifact.get().sha256());
            }
        }
        digests.putAll(own);
    }
}
