package dev.flipside.builder.inspect;

import dev.flipside.boot.uki.KernelCommandLine;
import dev.flipside.boot.uki.Uki;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.Architecture;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a UKI says of itself.
 *
 * @param commandLine empty when there is none
 * @param signed whether it has a signature for Secure Boot, of which nothing is checked here
 */
public record UkiFacts(
        Architecture architecture,
        long sizeBytes,
        List<Uki.Section> sections,
        String commandLine,
        Optional<String> osRelease,
        Optional<String> kernelVersion,
        boolean signed) {

    public UkiFacts {
        sections = List.copyOf(sections);
    }

    /** Reads the headers and the small sections. */
    public static UkiFacts read(RandomAccess file) throws IOException, FlipsideException {
        Uki uki = Uki.read(file);
        return new UkiFacts(
                uki.architecture(),
                file.sizeBytes(),
                uki.sections(),
                uki.commandLine().text(),
                uki.text(".osrel"),
                uki.text(".uname"),
                uki.hasSignature());
    }

    /** The root hash of the image that it opens, whatever that protects. */
    public Optional<String> rootHash() {
        KernelCommandLine line = new KernelCommandLine(commandLine);
        return line.value("roothash").or(() -> line.value("usrhash"));
    }

    /** The name of the operating system, as a boot menu would show it. */
    public Optional<String> operatingSystem() {
        return osRelease.flatMap(
                text ->
                        line(text, "PRETTY_NAME")
                                .or(() -> line(text, "NAME"))
                                .or(() -> line(text, "ID")));
    }

    private static Optional<String> line(String text, String key) {
        return text.lines()
                .filter(it -> it.startsWith(key + "="))
                .map(it -> it.substring(key.length() + 1).replaceAll("^[\"']|[\"']$", ""))
                .findFirst();
    }
}
