package dev.flipside.builder.sbom;

import dev.flipside.builder.rootfs.InputNotice;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The software bill of materials of an image: the packages that its databases list.
 *
 * <p>Invariant: equal images and subjects give equal bytes.
 */
public final class Sbom {
    public static final String SPDX_FILE = "sbom.spdx.json";
    public static final String CYCLONEDX_FILE = "sbom.cdx.json";

    private final SbomSubject subject;
    private final List<ListedPackage> packages;

    private Sbom(SbomSubject subject, List<ListedPackage> packages) {
        this.subject = subject;
        this.packages = packages;
    }

    /**
     * Reads the packages of a finished image.
     *
     * @param scratch a folder in which nobody else works; what is made there is removed
     * @param notices is told of databases that cannot be read, and when there is none
     * @throws FlipsideException {@code package-database-malformed}, {@code rootfs-unsupported}
     */
    public static Sbom of(
            SbomSubject subject, RandomAccess image, Path scratch, Consumer<InputNotice> notices)
            throws IOException, FlipsideException {
        ImageFiles files = new ImageFiles(ErofsReader.open(image), subject.usage());
        PackageList found = PackageDatabases.read(files, scratch, notices);
        OperatingSystem system = OperatingSystem.of(files);
        return new Sbom(subject, ListedPackage.list(found.packages(), system));
    }

    public int packageCount() {
        return packages.size();
    }

    /** SPDX 2.3, in JSON. */
    public byte[] spdx() {
        return StrictJson.pretty(SpdxDocument.of(subject, packages));
    }

    /** CycloneDX 1.6, in JSON. */
    public byte[] cycloneDx() {
        return StrictJson.pretty(CycloneDxDocument.of(subject, packages));
    }
}
