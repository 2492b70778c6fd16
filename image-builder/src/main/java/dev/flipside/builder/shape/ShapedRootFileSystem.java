package dev.flipside.builder.shape;

import dev.flipside.builder.provenance.Provenance.Input;
import dev.flipside.builder.recipe.Change;
import dev.flipside.builder.recipe.Change.Kind;
import dev.flipside.builder.recipe.Recipe;
import dev.flipside.builder.rootfs.DigestedRootFileSystem;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A root file system as a recipe wants it. The order is fixed: what is left out, then the overlays
 * one over the other, then modules, then labels; so an overlay may bring back what was left out,
 * and all that is in the image has a label.
 */
public final class ShapedRootFileSystem implements RootFileSystem {
    private final RootFileSystem shaped;
    private final List<Overlaid> overlays;
    private final List<Input> contexts;

    private ShapedRootFileSystem(
            RootFileSystem shaped, List<Overlaid> overlays, List<Input> contexts) {
        this.shaped = shaped;
        this.overlays = overlays;
        this.contexts = contexts;
    }

    private record Overlaid(String name, DigestedRootFileSystem files) {}

    /**
     * The same tree when the recipe changes no files.
     *
     * @throws FlipsideException {@code argument-invalid}, {@code input-missing}, {@code
     *     config-invalid}, or what an overlay can be refused for
     */
    public static ShapedRootFileSystem of(RootFileSystem base, Recipe recipe)
            throws IOException, FlipsideException {
        RootFileSystem shaped = base;
        List<String> globs = recipe.of(Kind.EXCLUDE).stream().map(Change::subject).toList();
        if (!globs.isEmpty()) {
            shaped = new Exclusions(shaped, globs);
        }
        List<Overlaid> overlays = new ArrayList<>();
        for (Change change : recipe.of(Kind.OVERLAY)) {
            Path path = requireThere(change.file().orElseThrow());
            DigestedRootFileSystem files = DigestedRootFileSystem.of(RootFileSystem.open(path));
            shaped = new Overlay(shaped, files, path);
            overlays.add(new Overlaid(inputName(change), files));
        }
        if (recipe.has(Kind.DECOMPRESS_MODULES)) {
            shaped = new DecompressedModules(shaped);
        }
        List<Input> contexts = new ArrayList<>();
        for (Change change : recipe.of(Kind.SELINUX_CONTEXTS)) {
            FileContexts read = FileContexts.load(change.file().orElseThrow());
            shaped = new Labels(shaped, read);
            read.digests()
                    .forEach(
                            (suffix, sha256) ->
                                    contexts.add(
                                            Input.file(
                                                    inputName(change) + suffix,
                                                    Optional.empty(),
                                                    sha256)));
        }
        return new ShapedRootFileSystem(shaped, overlays, contexts);
    }

    private static String inputName(Change change) {
        return change.kind().code() + " " + change.subject();
    }

    /** What was read beside the root file system; known after {@link #forEachContent}. */
    public List<Input> inputs() {
        List<Input> inputs = new ArrayList<>();
        for (Overlaid overlay : overlays) {
            inputs.add(Input.tree(overlay.name(), overlay.files().digest().hex()));
        }
        inputs.addAll(contexts);
        return inputs;
    }

    @Override
    public FileTree tree() {
        return shaped.tree();
    }

    @Override
    public Instant newestChange() {
        return shaped.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        shaped.forEachContent(sink);
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
