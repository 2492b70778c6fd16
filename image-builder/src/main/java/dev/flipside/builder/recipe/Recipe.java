package dev.flipside.builder.recipe;

import dev.flipside.builder.recipe.Change.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All that a build changes, in the order of its kinds and within a kind as it was given: what is
 * left out first, then what is laid over it, then the rest.
 */
public record Recipe(List<Change> changes) {
    public Recipe {
        changes = List.copyOf(changes);
    }

    public static Recipe none() {
        return new Recipe(List.of());
    }

    /** What a recipe says, and then what the command line adds. */
    public Recipe and(Recipe more) {
        return new Recipe(Stream.concat(changes.stream(), more.changes.stream()).toList());
    }

    public List<Change> of(Kind kind) {
        return changes.stream().filter(change -> change.kind() == kind).toList();
    }

    public boolean has(Kind kind) {
        return !of(kind).isEmpty();
    }

    /** The files or folders of a kind that has them. */
    public List<Path> files(Kind kind) {
        return of(kind).stream().map(change -> change.file().orElseThrow()).toList();
    }

    /** What is added to the kernel's command line. */
    public String kernelOptions() {
        return of(Kind.KERNEL_OPTION).stream()
                .map(Change::subject)
                .collect(Collectors.joining(" "));
    }
}
