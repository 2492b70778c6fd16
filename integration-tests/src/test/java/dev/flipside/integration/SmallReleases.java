package dev.flipside.integration;

import dev.flipside.builder.oci.ImageChoice;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.release.BuildRequest;
import dev.flipside.builder.release.BuildRequest.BootOverrides;
import dev.flipside.builder.release.ReleaseBuild;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifest.Usage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Builds small releases of the product {@code small} in this process. */
final class SmallReleases {
    static final String PRODUCT = "small";

    /** For builds that nobody watches. */
    static final BuildProgress SILENT = (name, total) -> new Silence();

    private SmallReleases() {}

    /** Builds into {@code folder/VERSION}. */
    static ReleaseManifest build(SmallRoot root, String version, Path folder) throws Exception {
        Path tar = root.writeTar(folder.resolve(version + ".tar"));
        return ReleaseBuild.run(
                new BuildRequest(
                        tar,
                        ImageChoice.any(),
                        PRODUCT,
                        version,
                        Usage.ROOT,
                        folder.resolve(version),
                        1,
                        BootOverrides.none(),
                        BuildRequest.Signatures.none(),
                        "",
                        Recipe.none(),
                        Optional.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        3,
                        1),
                SILENT);
    }

    private record Silence() implements BuildProgress.Step {
        @Override
        public void advance(long more) {}

        @Override
        public void close() {}
    }
}
