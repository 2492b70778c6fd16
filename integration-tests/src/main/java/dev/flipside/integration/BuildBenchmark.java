package dev.flipside.integration;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.release.BuildRequest.BootOverrides;
import dev.flipside.builder.release.BuildRequest.Signatures;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.failure.FlipsideException;
import dev.flipside.release.ReleaseManifest.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Builds a release again for each line on standard input, and prints the nanoseconds from the call
 * to the moment at which image and hash tree stood: so {@code integration-tests/bench} can measure
 * a build warm, in turns with other programs.
 */
public final class BuildBenchmark {
    private BuildBenchmark() {}

    /** Arguments: the root file system, a folder for the release, and how many threads work. */
    public static void main(String[] arguments) throws IOException, FlipsideException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (lines.readLine() != null) {
            Stopwatch stopwatch = new Stopwatch();
            long begun = System.nanoTime();
            Path out = Path.of(arguments[1]);
            ReleaseBuild.run(
                    request(Path.of(arguments[0]), out, Integer.parseInt(arguments[2])), stopwatch);
            System.out.println(stopwatch.treeStoodAt - begun);
            remove(out);
        }
    }

    private static BuildRequest request(Path rootfs, Path out, int threads) {
        return new BuildRequest(
                rootfs,
                ImageChoice.any(),
                "bench",
                "1",
                Usage.ROOT,
                out,
                1,
                BootOverrides.none(),
                Signatures.none(),
                "",
                Recipe.none(),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                1,
                threads);
    }

    private static void remove(Path release) throws IOException {
        try (Stream<Path> files = Files.list(release)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(release);
    }

    /** Notes when the step of the hash tree has ended. */
    private static final class Stopwatch implements BuildProgress {
        private long treeStoodAt;

        @Override
        public Step begin(String name, long total) {
            return new Step() {
                @Override
                public void advance(long more) {}

                @Override
                public void close() {
                    if (name.equals("hash tree")) {
                        treeStoodAt = System.nanoTime();
                    }
                }
            };
        }
    }
}
