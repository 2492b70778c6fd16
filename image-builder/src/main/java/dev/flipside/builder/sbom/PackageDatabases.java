package dev.flipside.builder.sbom;

import dev.flipside.builder.rootfs.InputNotice;
import dev.flipside.erofs.ErofsInode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Finds the package databases of an image, where dpkg and RPM have had them over the years, and
 * reads each once, however many paths lead to it.
 */
final class PackageDatabases {
    private static final List<String> DPKG = List.of("/usr/lib/sysimage/dpkg", "/var/lib/dpkg");
    private static final List<String> RPM =
            List.of("/usr/lib/sysimage/rpm", "/usr/share/rpm", "/var/lib/rpm");

    /** Of Berkeley DB, and of RPM's own NDB; RPM has not written the first since 4.17. */
    private static final List<String> OTHER_FORMATS = List.of("Packages", "Packages.db");

    private static final String SQLITE = "rpmdb.sqlite";
    private static final String WRITE_AHEAD = "-wal";
    private static final String CHECKSUMS = ".md5sums";
    private static final long MAX_DATABASE_BYTES = 1L << 31;

    private final ImageFiles files;
    private final Path scratch;
    private final Consumer<InputNotice> notices;
    private final PackageList packages = new PackageList();
    private final Set<Long> seen = new TreeSet<>();
    private boolean found;

    private PackageDatabases(ImageFiles files, Path scratch, Consumer<InputNotice> notices) {
        this.files = files;
        this.scratch = scratch;
        this.notices = notices;
    }

    /**
     * Reads all that there are.
     *
     * @param scratch a folder in which nobody else works; what is made there is removed
     * @throws FlipsideException {@code package-database-malformed}
     */
    static PackageList read(ImageFiles files, Path scratch, Consumer<InputNotice> notices)
            throws IOException, FlipsideException {
        PackageDatabases databases = new PackageDatabases(files, scratch, notices);
        for (String folder : DPKG) {
            databases.dpkg(folder);
        }
        for (String folder : RPM) {
            databases.rpm(folder);
        }
        if (!databases.found) {
            notices.accept(
                    new InputNotice(
                            "package database of dpkg or RPM in the image",
                            "none",
                            "the SBOM lists no packages"));
        }
        return databases.packages;
    }

    private void dpkg(String folder) throws IOException, FlipsideException {
        PackageList read = new PackageList();
        dpkg(folder + "/status", DpkgDatabase.Form.STATUS, read);
        for (String name : files.names(folder + "/status.d")) {
            if (!name.endsWith(CHECKSUMS)) {
                dpkg(folder + "/status.d/" + name, DpkgDatabase.Form.STATUS_FOLDER, read);
            }
        }
        for (InstalledPackage one : read.packages()) {
            packages.add(one.withLicense(copyright(one.name())));
        }
    }

    private void dpkg(String path, DpkgDatabase.Form form, PackageList read)
            throws IOException, FlipsideException {
        Optional<ErofsInode> file = file(path);
        if (file.isPresent()) {
            try (InputStream in = files.open(file.get())) {
                DpkgDatabase.read(in, path, form, read);
            }
        }
    }

    private License copyright(String packageName) throws IOException, FlipsideException {
        Optional<ErofsInode> file =
                files.file("/usr/share/doc/" + packageName + "/copyright")
                        .filter(one -> one.sizeBytes() <= DebianCopyright.MAX_BYTES);
        return file.isEmpty()
                ? new License.Unknown()
                : DebianCopyright.license(
                        packageName, files.bytes(file.get(), DebianCopyright.MAX_BYTES));
    }

    private void rpm(String folder) throws IOException, FlipsideException {
        String path = folder + "/" + SQLITE;
        Optional<ErofsInode> database = file(path);
        if (database.isPresent()) {
            Path copies = Files.createTempDirectory(scratch, ".rpmdb-");
            try {
                copy(database.get(), path, copies.resolve(SQLITE));
                Optional<ErofsInode> log = files.file(path + WRITE_AHEAD);
                if (log.isPresent()) {
                    copy(log.get(), path + WRITE_AHEAD, copies.resolve(SQLITE + WRITE_AHEAD));
                }
                RpmDatabase.read(copies.resolve(SQLITE), path, packages);
            } finally {
                remove(copies);
            }
        }
        for (String name : OTHER_FORMATS) {
            if (file(folder + "/" + name).isPresent()) {
                notices.accept(
                        new InputNotice(
                                "RPM database " + folder + "/" + name,
                                "a format other than SQLite",
                                "the SBOM lists none of its packages"));
            }
        }
    }

    private Optional<ErofsInode> file(String path) throws IOException, FlipsideException {
        Optional<ErofsInode> file = files.file(path).filter(one -> seen.add(one.nid()));
        found |= file.isPresent();
        return file;
    }

    private void copy(ErofsInode file, String path, Path to) throws IOException, FlipsideException {
        if (file.sizeBytes() > MAX_DATABASE_BYTES) {
            throw DatabaseRefusal.because(
                    path, "at most " + MAX_DATABASE_BYTES + " bytes", file.sizeBytes() + " bytes");
        }
        try (InputStream in = files.open(file)) {
            Files.copy(in, to);
        }
    }

    private static void remove(Path folder) throws IOException {
        for (String name :
                List.of(SQLITE, SQLITE + WRITE_AHEAD, SQLITE + "-shm", SQLITE + "-journal")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }
}
