package dev.flipside.builder.verify;

import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatEntry;
import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.Slot;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.uki.EfiImage;
import dev.flipside.builder.inspect.DiskFacts;
import dev.flipside.builder.inspect.DiskImage;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.verity.VerityParameters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;

/** Checks both partition tables, the ESP and all that it starts, and both slots in full. */
public final class DiskVerification {
    private static final int MAX_DEPTH = 16;

    private final DiskImage disk;
    private final TrustedCertificates certificates;
    private final BuildProgress progress;
    private final Checks checks;

    private DiskVerification(
            DiskImage disk,
            TrustedCertificates certificates,
            BuildProgress progress,
            Checks checks) {
        this.disk = disk;
        this.certificates = certificates;
        this.progress = progress;
        this.checks = checks;
    }

    /**
     * Makes every check, whatever the others find.
     *
     * @param told of each check when it is done
     * @return the first failure, if there was one
     * @throws FlipsideException when the disk is none of ours, so that nothing can be checked
     */
    public static Optional<Failure> run(
            DiskImage disk,
            TrustedCertificates certificates,
            BuildProgress progress,
            Consumer<Check> told)
            throws IOException, FlipsideException {
        Checks checks = new Checks(told);
        new DiskVerification(disk, certificates, progress, checks).run();
        return checks.firstFailure();
    }

    private void run() throws IOException, FlipsideException {
        GptOnDisk table = dev.flipside.boot.gpt.Gpt.read(disk.device());
        DiskLayout layout = DiskLayout.find(table.gpt());
        checks.check("partition tables", () -> tables(table));
        boolean esp = checks.check("ESP", () -> esp(layout));
        checks.check("boot entries", () -> entries(layout));
        for (SlotName name : SlotName.values()) {
            slot(layout.slot(name));
        }
        if (esp) {
            new DiskSignatures(disk, layout, new SignatureChecks(certificates, checks)).run();
        }
    }

    private static String tables(GptOnDisk table) throws FlipsideException {
        if (!table.primaryValid() || !table.backupValid() || !table.copiesAgree()) {
            throw new FlipsideException(
                    FailureCode.GPT_MALFORMED,
                    "partition tables",
                    "two copies that agree",
                    !table.primaryValid()
                            ? "a primary copy that cannot be trusted"
                            : !table.backupValid()
                                    ? "a backup copy that cannot be trusted"
                                    : "two that differ",
                    "repair the table with 'sgdisk -v' and its advice, or write the disk again");
        }
        return "both copies agree, %d partitions".formatted(table.gpt().partitions().size());
    }

    private String esp(DiskLayout layout) throws IOException, FlipsideException {
        FatReader esp = FatReader.open(disk.partition(layout.esp()));
        Count count = new Count();
        walk(esp, "", count, 0);
        for (String path : EspLayout.loaderPaths(layout.architecture())) {
            Optional<FatEntry> loader = esp.find(path);
            if (loader.isEmpty()) {
                throw malformed("a loader '%s'".formatted(path), "none");
            }
            EfiImage.architecture(esp.open(loader.get()), path);
        }
        return "%d files, %d bytes".formatted(count.files, count.bytes);
    }

    private static final class Count {
        private int files;
        private long bytes;
    }

    private void walk(FatReader esp, String folder, Count count, int depth)
            throws IOException, FlipsideException {
        if (depth > MAX_DEPTH) {
            throw malformed("at most %d folders deep".formatted(MAX_DEPTH), "more");
        }
        for (FatEntry entry : esp.list(folder)) {
            String path = folder.isEmpty() ? entry.name() : folder + "/" + entry.name();
            if (entry.folder()) {
                walk(esp, path, count, depth + 1);
                continue;
            }
            count.files++;
            count.bytes += entry.sizeBytes();
            String digest = digest(esp, entry);
            if (folder.equalsIgnoreCase(EspLayout.IMAGES)
                    && !EspLayout.imagePath(digest).equalsIgnoreCase(path)) {
                throw new FlipsideException(
                        FailureCode.DIGEST_MISMATCH,
                        "ESP: " + path,
                        "the SHA-256 that it is named by",
                        digest,
                        "write the disk again");
            }
        }
    }

    private static String digest(FatReader esp, FatEntry file)
            throws IOException, FlipsideException {
        DigestChannel digest = new DigestChannel();
        esp.read(file, digest);
        return HexFormat.of().formatHex(digest.sha256.digest());
    }

    private String entries(DiskLayout layout) throws IOException, FlipsideException {
        DiskFacts facts = DiskFacts.read(disk);
        for (DiskFacts.EntryFacts it : facts.entries()) {
            BootEntry entry = it.entry();
            if (!it.imageFound()) {
                throw malformed(
                        "an image for entry '%s'".formatted(entry.fileName()),
                        entry.imagePath().orElse("none named") + ", which is not there");
            }
        }
        Optional<String> image =
                facts.entries().stream()
                        .map(DiskFacts.EntryFacts::entry)
                        .filter(it -> facts.next().filter(it.fileName()::equals).isPresent())
                        .findFirst()
                        .flatMap(BootEntry::imagePath);
        for (DiskFacts.ImageFacts it : facts.images()) {
            if (image.filter(path -> path.equalsIgnoreCase(it.path())).isPresent()) {
                return started(facts, it, layout);
            }
        }
        throw malformed("an entry that starts a UKI of ours", image.orElse("none"));
    }

    private String started(DiskFacts facts, DiskFacts.ImageFacts image, DiskLayout layout)
            throws FlipsideException {
        if (image.slots().size() != 1) {
            throw new FlipsideException(
                    FailureCode.UKI_MALFORMED,
                    "UKI " + image.path(),
                    "the root hash of one slot",
                    image.uki().rootHash().orElse("none"),
                    "write the disk again");
        }
        if (image.uki().architecture() != layout.architecture()) {
            throw new FlipsideException(
                    FailureCode.UKI_MALFORMED,
                    "UKI " + image.path(),
                    layout.architecture().code(),
                    image.uki().architecture().code(),
                    "write the disk again");
        }
        return "%d entries; '%s' starts next, from slot %s"
                .formatted(
                        facts.entries().size(),
                        facts.next().orElseThrow(),
                        image.slots().getFirst());
    }

    private void slot(Slot slot) throws IOException {
        String name = "slot " + slot.name();
        Optional<byte[]> rootHash = DiskFacts.rootHash(slot);
        if (rootHash.isEmpty()) {
            checks.notChecked(name, "it holds nothing");
            return;
        }
        RandomAccess data = disk.partition(slot.data());
        RandomAccess tree = disk.partition(slot.hash());
        checks.check(name + ", hash tree", () -> tree(name, data, tree, rootHash.get()));
        checks.check(name + ", file system", () -> ImageChecks.erofs(data));
    }

    private String tree(String name, RandomAccess data, RandomAccess tree, byte[] rootHash)
            throws IOException, FlipsideException {
        VerityParameters parameters = DiskFacts.parameters(tree);
        long needed = parameters.dataBlocks() * VerityParameters.BLOCK_SIZE_BYTES;
        if (needed > data.sizeBytes() || parameters.geometry().fileSizeBytes() > tree.sizeBytes()) {
            throw new FlipsideException(
                    FailureCode.VERITY_MALFORMED,
                    name,
                    "at most %d bytes of data".formatted(data.sizeBytes()),
                    needed + " bytes by the superblock",
                    "write the disk again");
        }
        try (BuildProgress.Step step = progress.begin(name, parameters.dataBlocks())) {
            return ImageChecks.tree(data, tree, parameters, rootHash, step::advance);
        }
    }

    private static FlipsideException malformed(String expected, String found) {
        return new FlipsideException(
                FailureCode.ESP_MALFORMED, "ESP", expected, found, "write the disk again");
    }

    private static final class DigestChannel implements WritableByteChannel {
        private final MessageDigest sha256;

        DigestChannel() {
            try {
                sha256 = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-256", e);
            }
        }

        @Override
        public int write(ByteBuffer bytes) {
            int count = bytes.remaining();
            sha256.update(bytes);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // Nothing is held open.
        }
    }
}
