package dev.flipside.builder.shape;

import dev.flipside.builder.recipe.Change;
import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A root file system as a recipe wants it. The order is fixed: what is left out, then the overlays
 * one over the other, then modules, then labels; so an overlay may bring back what was left out,
 * and all that is in the image has a label.
 */
public final class ShapedRootFileSystem {
    private ShapedRootFileSystem() {}

    /**
     * The same root file system when the recipe changes no files.
     *
     * @throws FlipsideException {@code argument-invalid}, {@code input-missing}, {@code
     *     config-invalid}, or what an overlay can be refused for
     */
    public static RootFileSystem of(RootFileSystem base, Recipe recipe)
            throws IOException, FlipsideException {
        RootFileSystem shaped = base;
        List<String> globs = recipe.of(Kind.EXCLUDE).stream().map(Change::subject).toList();
        if (!globs.isEmpty()) {
            shaped = new Exclusions(shaped, globs);
        }
        for (Path overlay : recipe.files(Kind.OVERLAY)) {
            shaped = new Overlay(shaped, requireThere(overlay));
        }
        if (recipe.has(Kind.DECOMPRESS_MODULES)) {
            shaped = new DecompressedModules(shaped);
        }
        for (Path contexts : recipe.files(Kind.SELINUX_CONTEXTS)) {
            shaped = new Labels(shaped, FileContexts.load(contexts));
        }
        return shaped;
    }

    private static Path requireThere(Path overlay) throws FlipsideException {
        if (Files.exists(overlay)) {
            return overlay;
        }
        throw new FlipsideException(
                FailureCode.INPUT_MISSING,
                "overlay '" + overlay + "'",
                "a folder or a tar archive",
                "nothing there",
                "check the path");
    }
}
