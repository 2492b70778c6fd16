package dev.flipside.integration.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The modules, the packages that belong to each, and where their files are. */
enum House {
    IMAGE_FORMAT(
            "image-format",
            "dev.flipside.failure",
            "dev.flipside.format",
            "dev.flipside.json",
            "dev.flipside.toml",
            "dev.flipside.release",
            "dev.flipside.repository",
            "dev.flipside.verity",
            "dev.flipside.pack",
            "dev.flipside.erofs",
            "dev.flipside.tuf"),
    PLATFORM("platform", "dev.flipside.platform"),
    BOOTLOADER_CONFIG("bootloader-config", "dev.flipside.boot.."),
    IMAGE_BUILDER("image-builder", "dev.flipside.builder.."),
    UPDATER("updater", "dev.flipside.updater.."),
    INTEGRATION_TESTS("integration-tests", "dev.flipside.integration..");

    private final String folder;
    private final String packages;

    House(String folder, String... packages) {
        this.folder = folder;
        this.packages = String.join(" ", packages);
    }

    String[] packages() {
        return packages.split(" ");
    }

    Path classes() {
        return top().resolve(folder).resolve("target/classes");
    }

    static String[] packagesOf(House... modules) {
        return Stream.of(modules)
                .flatMap(module -> Stream.of(module.packages()))
                .toArray(String[]::new);
    }

    /** Every Java file of every module, tests too. */
    static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (House module : values()) {
            Path src = top().resolve(module.folder).resolve("src");
            try (Stream<Path> files = Files.walk(src)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .sorted()
                        .forEach(sources::add);
            }
        }
        return sources;
    }

    static Path top() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("mvnw"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
