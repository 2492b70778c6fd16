package dev.flipside.builder.cli;

import dev.flipside.builder.diff.DiffHtml;
import dev.flipside.builder.diff.DiffJson;
import dev.flipside.builder.diff.DiffText;
import dev.flipside.builder.diff.ReleaseDiff;
import dev.flipside.builder.disk.ReleaseFolder;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.OutputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image diff}: what is different between two releases, and what it costs. */
final class DiffCommand {
    private static final int TERMINAL_ROWS = 20;

    private DiffCommand() {}

    static Command command() {
        return Command.of(
                "diff",
                "Shows what is different between two releases, and what a host fetches to update.",
                List.of(
                        InspectCommand.path(0, "OLD", "The release that the host runs."),
                        InspectCommand.path(1, "NEW", "The release that it goes to."),
                        Command.option(
                                "--html",
                                "FILE",
                                Path.class,
                                false,
                                "Write a page with a map of where the bytes go.")),
                DiffCommand::run);
    }

    private static void run(ParseResult options, Console console)
            throws FlipsideException, IOException {
        Path from = options.matchedPositionalValue(0, null);
        Path to = options.matchedPositionalValue(1, null);
        ReleaseDiff diff = ReleaseDiff.of(ReleaseFolder.open(from), ReleaseFolder.open(to));
        Optional<Path> html = Optional.ofNullable(options.matchedOptionValue("--html", null));
        if (html.isPresent()) {
            write(html.get(), DiffHtml.page(diff));
        }
        if (console.json()) {
            diff.packages().forEach(it -> console.event("package", DiffJson.of(it)));
            diff.files().forEach(it -> console.event("file", DiffJson.of(it)));
        }
        int rows = console.terminal() ? TERMINAL_ROWS : Integer.MAX_VALUE;
        String text = console.json() ? "" : new DiffText(console.width(), rows).of(diff);
        console.result(DiffJson.summary(diff), text.stripTrailing());
    }

    private static void write(Path file, String page) throws IOException {
        try (OutputFile out = OutputFile.create(file)) {
            ByteBuffer bytes = ByteBuffer.wrap(page.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.channel().write(bytes);
            }
            out.commit();
        }
    }
}
