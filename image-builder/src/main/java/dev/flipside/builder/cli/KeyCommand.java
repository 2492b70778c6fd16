package dev.flipside.builder.cli;

import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.builder.keys.KeyFiles;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** {@code flipside-image key}: keys that sign metadata and images. */
final class KeyCommand {
    private KeyCommand() {}

    static Command command(BuildClock clock) {
        return Command.group(
                "key",
                "Makes keys and certificates.",
                List.of(
                        CertificateCommand.command(clock),
                        Command.of(
                                "generate",
                                "Makes a key: NAME.key.pem (keep it secret) and NAME.pub.pem.",
                                List.of(
                                        Command.option(
                                                "--algorithm",
                                                KeyAlgorithm.codes(),
                                                String.class,
                                                true,
                                                "What kind of key."),
                                        Command.option(
                                                "--out",
                                                "NAME",
                                                Path.class,
                                                true,
                                                "Path of the two files, without their endings.")),
                                KeyCommand::generate)));
    }

    private static void generate(ParseResult options, Console console)
            throws FlipsideException, IOException {
        KeyAlgorithm algorithm = KeyAlgorithm.of(options.matchedOptionValue("--algorithm", ""));
        Path name = options.matchedOptionValue("--out", Path.of(""));
        KeyFiles files = new KeyFiles(name);
        files.create(algorithm.generate());
        console.result(
                StrictJson.object()
                        .put("algorithm", algorithm.code())
                        .put("privateKey", files.privateFile().toString())
                        .put("publicKey", files.publicFile().toString()),
                algorithm.code() + " key in " + files.privateFile() + " and " + files.publicFile());
    }
}
