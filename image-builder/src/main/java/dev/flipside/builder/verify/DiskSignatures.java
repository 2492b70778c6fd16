package dev.flipside.builder.verify;

import dev.flipside.boot.esp.EspLayout;
import dev.flipside.boot.fat.FatEntry;
import dev.flipside.boot.fat.FatReader;
import dev.flipside.boot.gpt.DiskLayout;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.builder.inspect.DiskFacts;
import dev.flipside.builder.inspect.DiskImage;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;

/** The signatures of all that firmware starts from a disk, and of both slots' root hashes. */
final class DiskSignatures {
    private final DiskImage disk;
    private final DiskLayout layout;
    private final SignatureChecks signatures;

    DiskSignatures(DiskImage disk, DiskLayout layout, SignatureChecks signatures) {
        this.disk = disk;
        this.layout = layout;
        this.signatures = signatures;
    }

    /**
     * Makes every check.
     *
     * @throws FlipsideException when the ESP cannot be read, of which nothing was told yet
     */
    void run() throws IOException, FlipsideException {
        slots();
        esp(FatReader.open(disk.partition(layout.esp())));
    }

    private void slots() throws IOException {
        for (SlotName name : SlotName.values()) {
            Optional<byte[]> rootHash = DiskFacts.rootHash(layout.slot(name));
            if (rootHash.isPresent()) {
                signatures.rootHash(
                        "slot %s, signature of the root hash".formatted(name),
                        layout.signature(name).map(disk::partition),
                        HexFormat.of().formatHex(rootHash.get()));
            }
        }
    }

    private void esp(FatReader esp) throws IOException, FlipsideException {
        for (String path : EspLayout.loaderPaths(layout.architecture())) {
            Optional<FatEntry> loader = esp.find(path);
            if (loader.isPresent()) {
                signatures.efi(path, esp.open(loader.get()));
            }
        }
        for (FatEntry entry : esp.list(EspLayout.IMAGES)) {
            if (!entry.folder()) {
                signatures.efi(EspLayout.IMAGES + "/" + entry.name(), esp.open(entry));
            }
        }
    }
}
