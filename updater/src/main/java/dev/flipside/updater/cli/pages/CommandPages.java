package dev.flipside.updater.cli.pages;

import dev.flipside.platform.OutputFile;
import dev.flipside.updater.cli.Command;
import dev.flipside.updater.cli.Commands;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the manual page and the completions of {@code flipctl} from its own commands. Argument:
 * the folder that stands for {@code /usr/share}.
 */
public final class CommandPages {
    private static final int EXIT_USAGE = 2;

    private CommandPages() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("expected the folder to write to, found " + arguments.length);
            System.exit(EXIT_USAGE);
        }
        Path share = Path.of(arguments[0]);
        for (Map.Entry<String, String> page : pages().entrySet()) {
            Path file = share.resolve(page.getKey());
            Files.createDirectories(file.getParent());
            try (OutputFile out = OutputFile.create(file)) {
                ByteBuffer bytes =
                        ByteBuffer.wrap(page.getValue().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.channel().write(bytes);
                }
                out.commit();
            }
        }
    }

    /** The text of each page, by its path below {@code /usr/share}. */
    static Map<String, String> pages() {
        Command flipctl = Commands.FLIPCTL;
        TreeMap<String, String> pages = new TreeMap<>();
        pages.put("man/man1/flipctl.1", ManualPage.of(flipctl));
        pages.put("bash-completion/completions/flipctl", BashCompletion.of(flipctl));
        pages.put("zsh/site-functions/_flipctl", ZshCompletion.of(flipctl));
        pages.put("fish/vendor_completions.d/flipctl.fish", FishCompletion.of(flipctl));
        return pages;
    }
}
