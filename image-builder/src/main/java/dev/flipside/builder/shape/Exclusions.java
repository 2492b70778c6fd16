package dev.flipside.builder.shape;

import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A root file system without what some patterns match, and without all that is below that. */
final class Exclusions implements RootFileSystem {
    private final RootFileSystem base;
    private final TreeRewrite rewrite;
    private final Instant newestChange;

    Exclusions(RootFileSystem base, List<String> globs) throws FlipsideException {
        this.base = base;
        List<Glob> patterns = new ArrayList<>();
        for (String glob : globs) {
            patterns.add(Glob.parse(glob));
        }
        requireMatches(base.tree(), patterns);
        this.rewrite =
                new TreeRewrite(
                        base.tree(),
                        new TreeRewrite.Rule() {
                            @Override
                            public boolean keeps(ByteString path, Inode inode) {
                                return patterns.stream().noneMatch(glob -> glob.matches(path));
                            }
                        });
        // The time of what is left out must not be the time of the image.
        this.newestChange =
                tree().inodes().stream()
                        .map(inode -> inode.attributes().changed())
                        .max(Comparator.naturalOrder())
                        .orElseThrow();
    }

    /** What matches nothing is misspelt, or no longer needed; both are worth knowing. */
    private static void requireMatches(FileTree tree, List<Glob> patterns)
            throws FlipsideException {
        Set<Glob> unmatched = new HashSet<>(patterns);
        TreeWalk.forEach(tree, (path, inode) -> unmatched.removeIf(glob -> glob.matches(path)));
        Optional<Glob> first = patterns.stream().filter(unmatched::contains).findFirst();
        if (first.isPresent()) {
            throw new FlipsideException(
                    FailureCode.ARGUMENT_INVALID,
                    "exclusion '" + first.get().text() + "'",
                    "something in the root file system that it matches",
                    "nothing",
                    "mend or remove it");
        }
    }

    @Override
    public FileTree tree() {
        return rewrite.tree();
    }

    @Override
    public Instant newestChange() {
        return newestChange;
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        base.forEachContent(
                (file, bytes) -> {
                    Optional<Inode> now = rewrite.now(file);
                    if (now.isPresent()) {
                        sink.accept(now.get(), bytes);
                    }
                });
    }
}
