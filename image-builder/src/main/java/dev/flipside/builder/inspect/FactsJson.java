package dev.flipside.builder.inspect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.entries.BootCounter;
import dev.flipside.boot.entries.BootEntry;
import dev.flipside.boot.gpt.DiskLayout.SlotName;
import dev.flipside.boot.gpt.GptOnDisk;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.uki.Uki;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import java.util.List;
import java.util.Optional;

/** The facts for programs, under the names of {@code docs/reference/inspect.md}. */
public final class FactsJson {
    private FactsJson() {}

    /** A release. */
    public static ObjectNode release(ReleaseFacts facts) {
        ReleaseManifest manifest = facts.manifest();
        ObjectNode result =
                StrictJson.object()
                        .put("kind", "release")
                        .put("product", manifest.product())
                        .put("version", manifest.version())
                        .put("architecture", manifest.architecture().code())
                        .put("securityVersion", manifest.securityVersion())
                        .put("created", JsonFields.format(manifest.created()));
        result.putObject("verity")
                .put("usage", manifest.verity().usage().code())
                .put("rootHash", manifest.verity().rootHash())
                .put("salt", manifest.verity().salt())
                .put("uuid", manifest.verity().uuid())
                .put("dataBlocks", manifest.verity().dataBlocks())
                .put("treeMatches", facts.treeMatches())
                .put("commandLineMatches", facts.commandLineMatches())
                .put("signed", facts.veritySigned());
        ArrayNode artifacts = result.putArray("artifacts");
        for (ReleaseFacts.ArtifactFacts it : facts.artifacts()) {
            artifacts
                    .addObject()
                    .put("role", it.artifact().role().code())
                    .put("name", it.artifact().name())
                    .put("sizeBytes", it.artifact().sizeBytes())
                    .put("sha256", it.artifact().sha256())
                    .put("standing", it.standing().code());
        }
        result.set("uki", uki(facts.uki()));
        ArrayNode deviations = result.putArray("deviations");
        for (Deviation it : facts.deviations()) {
            ObjectNode deviation =
                    deviations.addObject().put("kind", it.kind()).put("what", it.what());
            put(deviation, "digest", it.digest());
            put(deviation, "why", it.why());
        }
        facts.packages().ifPresent(count -> result.put("packages", count));
        return result;
    }

    /** A UKI, as a part of another object or for itself. */
    public static ObjectNode uki(UkiFacts uki) {
        ObjectNode result =
                StrictJson.object()
                        .put("kind", "uki")
                        .put("architecture", uki.architecture().code())
                        .put("sizeBytes", uki.sizeBytes())
                        .put("commandLine", uki.commandLine());
        put(result, "rootHash", uki.rootHash());
        put(result, "kernelVersion", uki.kernelVersion());
        put(result, "operatingSystem", uki.operatingSystem());
        put(result, "osRelease", uki.osRelease());
        result.put("signed", uki.signed());
        ArrayNode sections = result.putArray("sections");
        for (Uki.Section section : uki.sections()) {
            sections.addObject()
                    .put("name", section.name())
                    .put("offsetBytes", section.offsetBytes())
                    .put("sizeBytes", section.sizeBytes());
        }
        return result;
    }

    /** A disk. */
    public static ObjectNode disk(DiskFacts facts) {
        GptOnDisk table = facts.table();
        ObjectNode result =
                StrictJson.object()
                        .put("kind", "disk")
                        .put("format", facts.format().code())
                        .put("sizeBytes", facts.sizeBytes())
                        .put("sectorSizeBytes", table.gpt().sectorSizeBytes())
                        .put("architecture", facts.layout().architecture().code())
                        .put("usage", facts.layout().usage().code())
                        .put("diskGuid", table.gpt().diskGuid().toString());
        result.putObject("table")
                .put("primaryValid", table.primaryValid())
                .put("backupValid", table.backupValid())
                .put("copiesAgree", table.copiesAgree())
                .put("backupAtEnd", table.backupAtEnd());
        ArrayNode partitions = result.putArray("partitions");
        table.gpt()
                .partitions()
                .forEach(it -> partitions.add(partition(it, table.gpt().sectorSizeBytes())));
        ArrayNode slots = result.putArray("slots");
        for (DiskFacts.SlotFacts slot : facts.slots()) {
            ObjectNode object =
                    slots.addObject().put("name", slot.name().name()).put("label", slot.label());
            put(object, "rootHash", slot.rootHash());
            object.put("treeMatches", slot.treeMatches());
        }
        ArrayNode entries = result.putArray("entries");
        facts.entries().forEach(it -> entries.add(entry(it, facts.next())));
        ArrayNode images = result.putArray("images");
        for (DiskFacts.ImageFacts image : facts.images()) {
            ObjectNode object = images.addObject().put("path", image.path());
            ArrayNode opens = object.putArray("slots");
            image.slots().stream().map(SlotName::name).forEach(opens::add);
            object.set("uki", uki(image.uki()));
        }
        return result;
    }

    private static ObjectNode partition(Partition partition, int sectorSizeBytes) {
        ObjectNode object =
                StrictJson.object()
                        .put("number", partition.number())
                        .put("label", partition.name())
                        .put("typeName", PartitionKind.name(partition.type()))
                        .put("type", partition.type().toString())
                        .put("uuid", partition.uuid().toString())
                        .put("offsetBytes", partition.offsetBytes(sectorSizeBytes))
                        .put("sizeBytes", partition.sizeBytes(sectorSizeBytes));
        ArrayNode attributes = object.putArray("attributes");
        attributes(partition).forEach(attributes::add);
        return object;
    }

    static List<String> attributes(Partition partition) {
        List<String> names = new java.util.ArrayList<>();
        if ((partition.attributes() & Partition.READ_ONLY) != 0) {
            names.add("read-only");
        }
        if ((partition.attributes() & Partition.NO_AUTO) != 0) {
            names.add("no-auto");
        }
        if ((partition.attributes() & Partition.GROW_FILE_SYSTEM) != 0) {
            names.add("grow-file-system");
        }
        return names;
    }

    private static ObjectNode entry(DiskFacts.EntryFacts facts, Optional<String> next) {
        BootEntry entry = facts.entry();
        ObjectNode object = StrictJson.object().put("fileName", entry.fileName());
        put(object, "title", entry.title());
        put(object, "version", entry.version());
        put(object, "image", entry.imagePath());
        object.put("imageFound", facts.imageFound()).put("state", state(entry));
        Optional<BootCounter> counter = entry.counter();
        counter.ifPresent(it -> object.put("triesLeft", it.left()).put("triesDone", it.done()));
        return object.put("next", next.filter(entry.fileName()::equals).isPresent());
    }

    /** What boot assessment says of an entry, in systemd's words. */
    static String state(BootEntry entry) {
        if (entry.isBad()) {
            return "bad";
        }
        return entry.isGood() ? "good" : "indeterminate";
    }

    private static void put(ObjectNode object, String name, Optional<String> value) {
        value.ifPresent(it -> object.put(name, it));
    }
}
