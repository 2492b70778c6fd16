package dev.flipside.updater.health;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A root file system that is mounted, or unpacked into a folder. */
public final class FolderRoot implements RootView {
    /** As Linux has it (path_resolution(7)). */
    private static final int MAX_LINKS = 40;

    private final Path root;

    public FolderRoot(Path root) {
        this.root = root;
    }

    @Override
    public List<String> list(String folder) throws IOException {
        Optional<Path> path = resolve(folder);
        if (path.isEmpty() || !Files.isDirectory(path.get(), LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(path.get())) {
            return children.map(child -> String.valueOf(child.getFileName())).sorted().toList();
        }
    }

    @Override
    public Optional<Entry> find(String path) throws IOException {
        Optional<Path> resolved = resolve(path);
        if (resolved.isEmpty()) {
            return Optional.empty();
        }
        if (Files.isRegularFile(resolved.get(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(new Entry(Kind.FILE, Files.size(resolved.get())));
        }
        return Optional.of(
                new Entry(
                        Files.isDirectory(resolved.get(), LinkOption.NOFOLLOW_LINKS)
                                ? Kind.FOLDER
                                : Kind.OTHER,
                        0));
    }

    @Override
    public InputStream open(String path) throws IOException {
        Optional<Path> resolved = resolve(path);
        if (resolved.isEmpty() || !Files.isRegularFile(resolved.get(), LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(path);
        }
        return Files.newInputStream(resolved.get(), LinkOption.NOFOLLOW_LINKS);
    }

    /** Walks the path as the kernel would with this folder as its root. */
    private Optional<Path> resolve(String path) throws IOException {
        Deque<String> open = new ArrayDeque<>(List.of(path.split("/")));
        Deque<String> walked = new ArrayDeque<>();
        int links = 0;
        while (!open.isEmpty()) {
            String name = open.removeFirst();
            if (name.equals("..")) {
                walked.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                walked.addLast(name);
                Path here = at(walked);
                if (Files.isSymbolicLink(here)) {
                    if (++links > MAX_LINKS) {
                        throw new FileSystemLoopException(path);
                    }
                    walked.removeLast();
                    String link = Files.readSymbolicLink(here).toString();
                    if (link.startsWith("/")) {
                        walked.clear();
                    }
                    List.of(link.split("/")).reversed().forEach(open::addFirst);
                } else if (!Files.exists(here, LinkOption.NOFOLLOW_LINKS)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(at(walked));
    }

    private Path at(Deque<String> names) {
        Path path = root;
        for (String name : names) {
            path = path.resolve(name);
        }
        return path;
    }
}
