package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.builder.disk.DiskBuild;
import dev.flipside.builder.disk.DiskBuild.BuiltDisk;
import dev.flipside.builder.disk.DiskFormat;
import dev.flipside.builder.disk.DiskRequest;
import dev.flipside.builder.disk.DiskSizes;
import dev.flipside.builder.disk.DiskUpdate;
import dev.flipside.builder.disk.DiskUpdate.UpdatedDisk;
import dev.flipside.builder.secureboot.EnrolmentKeys;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.release.ReleaseManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image disk}: from a release to a disk that boots it. */
final class DiskCommand {
    private static final long MAX_BYTES = 1L << 50;

    private static final List<String> OF_NEW_DISKS =
            List.of(
                    "--format",
                    "--size",
                    "--slot-size",
                    "--hash-size",
                    "--esp-size",
                    "--var-size",
                    "--sector-size",
                    "--loader",
                    "--secure-boot-key",
                    "--secure-boot-cert",
                    "--enroll-keys");

    private final BuildClock clock;

    private DiskCommand(BuildClock clock) {
        this.clock = clock;
    }

    static Command command(BuildClock clock) {
        return Command.of(
                "disk",
                "Makes a bootable disk from a release, or puts the release into one.",
                options(),
                new DiskCommand(clock)::run);
    }

    private static List<OptionSpec> options() {
        return List.of(
                Command.option("--release", "DIR", Path.class, true, "What 'build' wrote."),
                Command.option("--out", "FILE", Path.class, false, "The disk; a new file."),
                Command.option(
                        "--into",
                        "FILE",
                        Path.class,
                        false,
                        "Instead of --out: a disk whose other slot gets the release."),
                Command.option("--format", DiskFormat.codes(), String.class, false, "raw."),
                Command.option(
                        "--size", "SIZE", String.class, false, "Of the disk, as 8GiB; 8GiB."),
                Command.option(
                        "--slot-size",
                        "SIZE",
                        String.class,
                        false,
                        "Of the image in each slot, with room to grow; 1GiB."),
                Command.option(
                        "--hash-size",
                        "SIZE",
                        String.class,
                        false,
                        "Of the hash tree in each slot; as a full slot needs."),
                Command.option("--esp-size", "SIZE", String.class, false, "Of the ESP; 512MiB."),
                Command.option("--var-size", "SIZE", String.class, false, "Of var; what is left."),
                Command.option(
                        "--sector-size", "512|4096", Integer.class, false, "Of the disk; 512."),
                Command.option(
                        "--loader",
                        "F",
                        Path.class,
                        false,
                        "systemd-boot, instead of the image's."),
                SigningOptions.secureBootKey("Signs systemd-boot."),
                SigningOptions.secureBootCertificate(),
                Command.option(
                        "--enroll-keys",
                        "DIR",
                        Path.class,
                        false,
                        "Keys that systemd-boot enrols: PK, KEK and db."));
    }

    private void run(ParseResult options, Console console) throws FlipsideException, IOException {
        boolean makes = options.hasMatchedOption("--out");
        if (makes == options.hasMatchedOption("--into")) {
            throw Command.invalid("--out or --into", "one of the two", makes ? "both" : "neither");
        }
        if (!makes) {
            update(options, console);
            return;
        }
        DiskRequest request = request(options);
        BuiltDisk disk = DiskBuild.run(request, console::progress);
        console.result(json(request, disk), text(request, disk));
    }

    private static void update(ParseResult options, Console console)
            throws FlipsideException, IOException {
        for (String name : OF_NEW_DISKS) {
            if (options.hasMatchedOption(name)) {
                throw Command.invalid(name, "only with --out", "with --into");
            }
        }
        Path disk = options.matchedOptionValue("--into", null);
        UpdatedDisk updated =
                DiskUpdate.run(
                        options.matchedOptionValue("--release", null), disk, console::progress);
        ReleaseManifest manifest = updated.manifest();
        console.result(
                StrictJson.object()
                        .put("product", manifest.product())
                        .put("version", manifest.version())
                        .put("architecture", manifest.architecture().code())
                        .put("into", disk.toString())
                        .put("slot", updated.slot().name())
                        .put("entry", updated.entry()),
                "%s: %s %s in slot %s, which the next boot tries"
                        .formatted(disk, manifest.product(), manifest.version(), updated.slot()));
    }

    private DiskRequest request(ParseResult options) throws FlipsideException, IOException {
        int sectorSize =
                options.matchedOptionValue("--sector-size", DiskRequest.DEFAULT_SECTOR_SIZE_BYTES);
        if (sectorSize != 512 && sectorSize != 4096) {
            throw Command.invalid("--sector-size", "512 or 4096", Integer.toString(sectorSize));
        }
        return new DiskRequest(
                options.matchedOptionValue("--release", null),
                options.matchedOptionValue("--out", null),
                format(options.matchedOptionValue("--format", DiskFormat.RAW.code())),
                sizes(options),
                sectorSize,
                Optional.ofNullable(options.matchedOptionValue("--loader", null)),
                new DiskRequest.SecureBoot(
                        SigningOptions.secureBoot(options, clock), enrolment(options)));
    }

    private Optional<EnrolmentKeys> enrolment(ParseResult options)
            throws FlipsideException, IOException {
        Path folder = options.matchedOptionValue("--enroll-keys", null);
        return folder == null
                ? Optional.empty()
                : Optional.of(EnrolmentKeys.read(folder, clock.source().instant()));
    }

    private static DiskSizes sizes(ParseResult options) throws FlipsideException {
        return new DiskSizes(
                size(options, "--size"),
                size(options, "--slot-size").orElse(DiskSizes.DEFAULT_SLOT_BYTES),
                size(options, "--hash-size"),
                size(options, "--esp-size").orElse(DiskSizes.DEFAULT_ESP_BYTES),
                size(options, "--var-size"));
    }

    private static OptionalLong size(ParseResult options, String name) throws FlipsideException {
        String text = options.matchedOptionValue(name, null);
        if (text == null) {
            return OptionalLong.empty();
        }
        long size = ByteSize.parse(text).orElse(0L);
        if (size < 1 || size > MAX_BYTES || size % DiskSizes.ALIGNMENT_BYTES != 0) {
            throw Command.invalid(name, "whole mebibytes up to 1024TiB, as 512MiB or 8GiB", text);
        }
        return OptionalLong.of(size);
    }

    private static DiskFormat format(String code) throws FlipsideException {
        Optional<DiskFormat> format = DiskFormat.of(code);
        if (format.isEmpty()) {
            throw Command.invalid("--format", DiskFormat.codes(), code);
        }
        return format.get();
    }

    private static ObjectNode json(DiskRequest request, BuiltDisk disk) {
        ObjectNode result =
                StrictJson.object()
                        .put("product", disk.manifest().product())
                        .put("version", disk.manifest().version())
                        .put("architecture", disk.manifest().architecture().code())
                        .put("out", request.out().toString())
                        .put("format", request.format().code())
                        .put("sizeBytes", sizeBytes(disk))
                        .put("sectorSizeBytes", request.sectorSizeBytes());
        ArrayNode partitions = result.putArray("partitions");
        for (Partition partition : disk.layout().gpt().partitions()) {
            partitions
                    .addObject()
                    .put("number", partition.number())
                    .put("label", partition.name())
                    .put("type", partition.type().toString())
                    .put("uuid", partition.uuid().toString())
                    .put("offsetBytes", partition.offsetBytes(request.sectorSizeBytes()))
                    .put("sizeBytes", partition.sizeBytes(request.sectorSizeBytes()));
        }
        return result;
    }

    private static String text(DiskRequest request, BuiltDisk disk) {
        return "%s: %s %s in slot A of a disk of %d MiB, slot B empty"
                .formatted(
                        request.out(),
                        disk.manifest().product(),
                        disk.manifest().version(),
                        sizeBytes(disk) >> 20);
    }

    private static long sizeBytes(BuiltDisk disk) {
        return disk.layout().gpt().sectors() * disk.layout().gpt().sectorSizeBytes();
    }
}
