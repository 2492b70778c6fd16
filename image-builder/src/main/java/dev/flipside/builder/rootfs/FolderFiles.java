package dev.flipside.builder.rootfs;

import dev.flipside.builder.oci.ImageFiles;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** An OCI layout in a folder; symbolic links, with which some tools save room, are followed. */
record FolderFiles(Path folder) implements ImageFiles {
    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public OptionalLong sizeBytes(String path) throws IOException {
        Path file = folder.resolve(path);
        return Files.isRegularFile(file) ? OptionalLong.of(Files.size(file)) : OptionalLong.empty();
    }

    @Override
    public boolean isFolder(String path) {
        return Files.isDirectory(folder.resolve(path));
    }

    @Override
    public void read(Set<String> paths, FileSink sink) throws IOException, FlipsideException {
        for (String path : new TreeSet<>(paths)) {
            try (InputStream in = Files.newInputStream(folder.resolve(path))) {
                sink.accept(path, in);
            }
        }
    }
}
