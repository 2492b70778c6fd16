package dev.flipside.updater.lifecycle;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A release as a host remembers it, with all that it needs to boot it again without a repository.
 *
 * @param rootHash 32 bytes, in lowercase hex
 * @param ukiDigest SHA-256 of the UKI, in lowercase hex, which is its name on the ESP
 * @param signed what its manifest says; empty for what was installed with the disk, and no
 *     repository has told about since
 */
public record ReleaseRef(
        String product,
        String version,
        String rootHash,
        String ukiDigest,
        Optional<Signed> signed) {

    public ReleaseRef {
        Objects.requireNonNull(product);
        Objects.requireNonNull(version);
        Objects.requireNonNull(rootHash);
        Objects.requireNonNull(ukiDigest);
        Objects.requireNonNull(signed);
    }

    /**
     * What only a signed manifest can say of a release.
     *
     * @param manifestDigest SHA-256 of the manifest, in lowercase hex: the release's identity
     */
    public record Signed(String manifestDigest, int securityVersion) {}

    /** Whether both are the same release, as far as both are known. */
    public boolean sameAs(ReleaseRef other) {
        if (signed.isPresent() && other.signed.isPresent()) {
            return signed.get().manifestDigest().equals(other.signed.get().manifestDigest());
        }
        return rootHash.equals(other.rootHash);
    }

    /** Whether one of the digests is that of its manifest. */
    public boolean isAmong(Set<String> manifestDigests) {
        return signed.filter(it -> manifestDigests.contains(it.manifestDigest())).isPresent();
    }
}
