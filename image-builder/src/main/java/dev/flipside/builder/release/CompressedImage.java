package dev.flipside.builder.release;

import dev.flipside.erofs.ErofsLayout;
import dev.flipside.erofs.FileTree;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.platform.ExternalPrograms;
import dev.flipside.platform.ExternalPrograms.Invocation;
import dev.flipside.platform.ExternalPrograms.Outcome;
import dev.flipside.release.Version;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image that {@code mkfs.erofs} compresses. It reads a tar archive that is made of our own
 * image, which stays beside it for as long as others read files from it: our reader reads no
 * compressed ones.
 */
final class CompressedImage implements AutoCloseable {
    static final String PROGRAM = "mkfs.erofs";

    /** The first that packs with zstd, and takes a whole archive in one go. */
    private static final String NEEDED = "1.8";

    private static final Pattern VERSION =
            Pattern.compile("mkfs\\.erofs[^\\n]*?\\s([0-9]+(?:\\.[0-9]+)+)");
    private static final Duration TIMEOUT = Duration.ofHours(2);
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path plain;
    private final Path tar;

    CompressedImage(Path folder) {
        this.plain = folder.resolve(".plain.img");
        this.tar = folder.resolve(".plain.tar");
    }

    /** Where the image stands that is not compressed. */
    Path plain() {
        return plain;
    }

    /**
     * Makes the compressed image from the one that is not, which has been written.
     *
     * @param algorithm {@code zstd}, or {@code zstd,15} with its level
     * @throws FlipsideException {@code program-failed}
     */
    void write(Path image, FileTree tree, ErofsLayout layout, String algorithm, Identity identity)
            throws IOException, FlipsideException {
        try (OpenFiles open = new OpenFiles();
                OutputStream out =
                        new BufferedOutputStream(Files.newOutputStream(tar), BUFFER_BYTES)) {
            TarOutput.write(tree, layout, open.open(plain), out);
        }
        run(
                List.of(
                        PROGRAM,
                        "--quiet",
                        "--tar=f",
                        "-z" + algorithm.replace(",", ",level="),
                        "-U" + identity.uuid(),
                        "-T" + Math.max(0, identity.buildTime().getEpochSecond()),
                        "--mkfs-time",
                        image.toString(),
                        tar.toString()));
        Files.delete(tar);
    }

    /** What the superblock says of itself. */
    record Identity(UUID uuid, Instant buildTime) {}

    /**
     * Looks for the program, before anything is written that needs it.
     *
     * @return its version
     * @throws FlipsideException {@code program-failed} when it is missing or too old
     */
    static String requireProgram() throws FlipsideException {
        Outcome outcome = run(List.of(PROGRAM, "--version"));
        Matcher matcher = VERSION.matcher(outcome.output() + "\n" + outcome.errors());
        if (!matcher.find()) {
            throw failed("one that does not tell its version", null);
        }
        if (Version.ORDER.compare(matcher.group(1), NEEDED) < 0) {
            throw failed("version " + matcher.group(1), null);
        }
        return matcher.group(1);
    }

    private static Outcome run(List<String> argv) throws FlipsideException {
        try {
            Outcome outcome = ExternalPrograms.ofThisMachine().run(Invocation.of(TIMEOUT, argv));
            if (!outcome.succeeded()) {
                String said = outcome.errors().lines().findFirst().orElse("nothing");
                throw failed("exit code " + outcome.exitCode() + ", saying '" + said + "'", null);
            }
            return outcome;
        } catch (IOException e) {
            throw failed("no such program in PATH", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("an interrupt", e);
        }
    }

    private static FlipsideException failed(String found, Exception cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.PROGRAM_FAILED,
                        PROGRAM,
                        "erofs-utils 1.8 or newer, for --compress",
                        found,
                        "install it, or build without --compress"),
                cause);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(plain);
        Files.deleteIfExists(tar);
    }
}
