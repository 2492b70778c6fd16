package dev.flipside.builder.inspect;

import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.uki.Uki;
import dev.flipside.json.JsonFields;
import dev.flipside.release.ReleaseManifest;
import java.util.stream.Collectors;

/**
 * The facts for people, as tables.
 *
 * @param maxWidth of a line; {@link TextTable#ANY_WIDTH} cuts nothing
 */
public record FactsText(int maxWidth) {

    /** A release. */
    public String release(ReleaseFacts facts) {
        ReleaseManifest manifest = facts.manifest();
        TextTable head =
                TextTable.pairs()
                        .row(
                                "release",
                                "%s %s, %s"
                                        .formatted(
                                                manifest.product(),
                                                manifest.version(),
                                                manifest.architecture().code()))
                        .row("security version", Integer.toString(manifest.securityVersion()))
                        .row("created", JsonFields.format(manifest.created()))
                        .row("image", image(manifest))
                        .row("root hash", manifest.verity().rootHash())
                        .row("  hash tree", matches(facts.treeMatches()))
                        .row("  command line", matches(facts.commandLineMatches()))
                        .row("  signature", signature(facts.veritySigned()));
        facts.packages().ifPresent(count -> head.row("packages", Integer.toString(count)));
        TextTable artifacts = TextTable.of("artifact", "file", ">size", "sha256", "");
        for (ReleaseFacts.ArtifactFacts it : facts.artifacts()) {
            artifacts.row(
                    it.artifact().role().code(),
                    it.artifact().name(),
                    TextTable.bytes(it.artifact().sizeBytes()),
                    it.artifact().sha256(),
                    switch (it.standing()) {
                        case PRESENT -> "";
                        case MISSING -> "missing";
                        case OTHER_SIZE -> "other size";
                    });
        }
        return join(head, artifacts) + "\n" + uki(facts.uki()) + deviations(facts);
    }

    /** A UKI. */
    public String uki(UkiFacts uki) {
        TextTable head =
                TextTable.pairs()
                        .row(
                                "UKI",
                                "%s, %s"
                                        .formatted(
                                                TextTable.bytes(uki.sizeBytes()),
                                                uki.architecture().code()))
                        .row("system", uki.operatingSystem().orElse("not named"))
                        .row("kernel", uki.kernelVersion().orElse("not named"))
                        .row("Secure Boot", signature(uki.signed()));
        TextTable sections = TextTable.of("section", ">offset", ">size", "");
        for (Uki.Section section : uki.sections()) {
            sections.row(
                    section.name(),
                    Long.toString(section.offsetBytes()),
                    Long.toString(section.sizeBytes()),
                    TextTable.bytes(section.sizeBytes()));
        }
        return join(head, sections) + "\ncommand line\n" + words(uki.commandLine());
    }

    /** A disk. */
    public String disk(DiskFacts facts) {
        TextTable head =
                TextTable.pairs()
                        .row(
                                "disk",
                                "%s, %s, %s, sectors of %d bytes"
                                        .formatted(
                                                facts.format().code(),
                                                TextTable.bytes(facts.sizeBytes()),
                                                facts.layout().architecture().code(),
                                                facts.table().gpt().sectorSizeBytes()))
                        .row("GUID", facts.table().gpt().diskGuid().toString())
                        .row("partition table", table(facts.table()));
        return join(head, partitions(facts.table()))
                + "\n"
                + join(slots(facts), entries(facts))
                + images(facts);
    }

    private static TextTable partitions(GptOnDisk table) {
        TextTable partitions = TextTable.of(">#", "label", "type", "uuid", ">offset", ">size");
        int sector = table.gpt().sectorSizeBytes();
        for (Partition it : table.gpt().partitions()) {
            partitions.row(
                    Integer.toString(it.number()),
                    it.name(),
                    PartitionKind.name(it.type()),
                    it.uuid().toString(),
                    TextTable.bytes(it.offsetBytes(sector)),
                    TextTable.bytes(it.sizeBytes(sector)));
        }
        return partitions;
    }

    private static TextTable slots(DiskFacts facts) {
        TextTable slots = TextTable.of("slot", "holds", "root hash", "hash tree");
        for (DiskFacts.SlotFacts slot : facts.slots()) {
            slots.row(
                    slot.name().name(),
                    slot.rootHash().isPresent() ? slot.label() : "nothing",
                    slot.rootHash().orElse("-"),
                    slot.rootHash().isPresent() ? matches(slot.treeMatches()) : "-");
        }
        return slots;
    }

    private static TextTable entries(DiskFacts facts) {
        TextTable entries =
                TextTable.of("boot entry", "title", "state", ">left", ">done", "", "image");
        for (DiskFacts.EntryFacts it : facts.entries()) {
            BootEntry entry = it.entry();
            entries.row(
                    entry.fileName(),
                    entry.title().orElse("-"),
                    FactsJson.state(entry),
                    entry.counter().map(counter -> Integer.toString(counter.left())).orElse("-"),
                    entry.counter().map(counter -> Integer.toString(counter.done())).orElse("-"),
                    facts.next().filter(entry.fileName()::equals).isPresent() ? "next" : "",
                    entry.imagePath().orElse("none") + (it.imageFound() ? "" : " (not there)"));
        }
        return entries;
    }

    private String images(DiskFacts facts) {
        StringBuilder text = new StringBuilder();
        for (DiskFacts.ImageFacts image : facts.images()) {
            String opens =
                    image.slots().stream().map(Enum::name).collect(Collectors.joining(" and "));
            text.append('\n')
                    .append(TextTable.printable(image.path()))
                    .append(opens.isEmpty() ? ": opens no slot" : ": opens slot " + opens)
                    .append('\n')
                    .append(uki(image.uki()));
        }
        return text.toString();
    }

    private String deviations(ReleaseFacts facts) {
        if (facts.deviations().isEmpty()) {
            return "";
        }
        TextTable table = TextTable.of("changed", "what", "digest", "why");
        for (Deviation it : facts.deviations()) {
            table.row(
                    it.kind(),
                    it.what(),
                    it.digest().orElse(""),
                    it.why().orElse("no reason given"));
        }
        return "\n" + table.render(maxWidth);
    }

    private String join(TextTable first, TextTable second) {
        return first.render(maxWidth) + "\n" + second.render(maxWidth);
    }

    /** Words on lines that are indented, and broken where there is a greatest width. */
    private String words(String text) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder();
        for (String word : TextTable.printable(text).split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() + 2 > maxWidth) {
                lines.append("  ").append(line).append('\n');
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        return lines.append("  ").append(line).append('\n').toString();
    }

    private static String image(ReleaseManifest manifest) {
        return "%s, %d blocks of 4096 bytes"
                .formatted(manifest.verity().usage().code(), manifest.verity().dataBlocks());
    }

    private static String table(GptOnDisk table) {
        if (!table.primaryValid()) {
            return "primary copy DAMAGED";
        }
        if (!table.backupValid()) {
            return "backup copy DAMAGED";
        }
        return (table.copiesAgree() ? "both copies agree" : "copies DIFFER")
                + (table.backupAtEnd() ? "" : "; the backup is not at the end of the disk");
    }

    private static String matches(boolean matches) {
        return matches ? "matches" : "DOES NOT MATCH";
    }

    private static String signature(boolean signed) {
        return signed ? "signed; 'verify' checks it" : "not signed";
    }
}
