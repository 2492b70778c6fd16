package dev.flipside.builder.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.builder.inspect.DiskFacts;
import dev.flipside.builder.inspect.DiskImage;
import dev.flipside.builder.inspect.FactsJson;
import dev.flipside.builder.inspect.FactsText;
import dev.flipside.builder.inspect.ReleaseFacts;
import dev.flipside.builder.inspect.Subject;
import dev.flipside.builder.inspect.UkiFacts;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image inspect}: what is in a release, a disk or a UKI. */
final class InspectCommand {
    private InspectCommand() {}

    static Command command() {
        return Command.of(
                "inspect",
                "Shows what is in a release, a disk or a UKI.",
                List.of(path(0, "PATH", "A release folder, a disk (raw or fixed VHD), or a UKI.")),
                InspectCommand::run);
    }

    /** A path that is given without the name of an option. */
    static PositionalParamSpec path(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .paramLabel(label)
                .type(Path.class)
                .required(true)
                .arity("1")
                .description(description)
                .build();
    }

    private static void run(ParseResult options, Console console)
            throws FlipsideException, IOException {
        Path path = options.matchedPositionalValue(0, null);
        FactsText text = new FactsText(console.width());
        switch (Subject.of(path)) {
            case RELEASE -> {
                ReleaseFacts facts = ReleaseFacts.read(ReleaseFolder.open(path));
                show(console, FactsJson.release(facts), text.release(facts));
            }
            case DISK -> {
                try (DiskImage disk = DiskImage.open(path)) {
                    DiskFacts facts = DiskFacts.read(disk);
                    show(console, FactsJson.disk(facts), text.disk(facts));
                }
            }
            case UKI -> {
                try (FileChannel file = FileChannel.open(path)) {
                    UkiFacts facts = UkiFacts.read(RandomAccess.of(file));
                    show(console, FactsJson.uki(facts), text.uki(facts));
                }
            }
        }
    }

    private static void show(Console console, ObjectNode object, String text) {
        console.result(object, text.stripTrailing());
    }
}
