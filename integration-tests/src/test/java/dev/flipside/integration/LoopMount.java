package dev.flipside.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image that Linux has mounted, read-only, through a loop device; needs root. */
final class LoopMount implements AutoCloseable {
    private final Path point;

    LoopMount(Path image, Path folder) throws IOException {
        this.point = Files.createTempDirectory(folder, "mounted-");
        Tools.find("mount").check("-t", "erofs", "-o", "loop,ro", image, point);
    }

    Path point() {
        return point;
    }

    @Override
    public void close() {
        Tools.find("umount").check(point);
    }
}
