package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A vendor's folder with keys, repository and releases, all made by the command itself. */
final class Workbench {
    static final String PRODUCT = "small";

    private final Path folder;
    private final CommandLine image;

    private Workbench(Path folder, CommandLine image) {
        this.folder = folder;
        this.image = image;
    }

    /** Makes keys and an empty repository. */
    static Workbench open(Path folder) throws IOException {
        return open(folder, CommandLine.flipsideImage());
    }

    /** The same, with a command that is started in some way. */
    static Workbench open(Path folder, CommandLine image) throws IOException {
        Workbench bench = new Workbench(folder, image);
        image.check("repo", "init", "--repo", bench.repository(), "--keys", bench.keys());
        return bench;
    }

    /** Makes the first two releases of a small product, and publishes neither. */
    Workbench withTwoReleases() throws IOException {
        build("1", SmallRoot.of("1"));
        build("2", SmallRoot.of("2"));
        return this;
    }

    /** A host that runs release 1, which is published by then. */
    Host hostOfTheFirst() throws IOException {
        publish("1");
        Host host = install(disk("1", "16MiB"), "host", repository().toUri());
        host.boot();
        return host;
    }

    Path repository() {
        return folder.resolve("repo");
    }

    Path keys() {
        return folder.resolve("keys");
    }

    /** Removes what a release was made of and is no longer needed once it is published. */
    void discard(String version) throws IOException {
        Files.delete(folder.resolve("root-" + version + ".tar"));
        for (String name : names(release(version))) {
            Files.delete(release(version).resolve(name));
        }
    }

    Path release(String version) {
        return folder.resolve("release-" + version);
    }

    /** Builds a release of a root file system, to which the first root metadata is added. */
    void build(String version, SmallRoot root, Object... options) throws IOException {
        Path tar =
                root.with(
                                "usr/lib/flipside/root.json",
                                Files.readAllBytes(repository().resolve("metadata/1.root.json")))
                        .writeTar(folder.resolve("root-" + version + ".tar"));
        List<Object> line =
                new ArrayList<>(
                        List.of(
                                "build",
                                "--rootfs",
                                tar,
                                "--product",
                                PRODUCT,
                                "--version",
                                version,
                                "--out",
                                release(version),
                                "--pack-level",
                                "3"));
        line.addAll(List.of(options));
        image.check(line.toArray());
    }

    void publish(String version) throws IOException {
        image.check(
                "repo",
                "publish",
                "--repo",
                repository(),
                "--keys",
                keys(),
                "--release",
                release(version));
        promote(version);
    }

    void promote(String version) throws IOException {
        image.check(
                "repo",
                "promote",
                "--repo",
                repository(),
                "--keys",
                keys(),
                "--channel",
                "stable",
                "--version",
                version);
    }

    Path disk(String version, String slotSize) throws IOException {
        return disk(version, slotSize, "192MiB");
    }

    Path disk(String version, String slotSize, String size) throws IOException {
        Path disk = folder.resolve("disk-" + version + ".raw");
        image.check(
                "disk",
                "--release",
                release(version),
                "--out",
                disk,
                "--size",
                size,
                "--slot-size",
                slotSize,
                "--esp-size",
                "64MiB");
        return disk;
    }

    /** Installs a disk on a host of its own, which has not been booted yet. */
    Host install(Path disk, String name, URI url) throws IOException {
        Path host = folder.resolve(name);
        CommandLine.simulatedHost().check("install", "--disk", disk, "--dir", host, "--url", url);
        return new Host(host);
    }

    /** A file-backed host, used as its operator does. */
    record Host(Path folder) {
        Path configuration() {
            return folder.resolve("flipside.toml");
        }

        String flipctl(Object... arguments) throws IOException {
            return CommandLine.flipctl().check(line(arguments));
        }

        String refuses(FailureCode code, Object... arguments) throws IOException {
            return CommandLine.flipctl().refuses(code, line(arguments));
        }

        /** Presses the power button; what the console showed. */
        String boot() throws IOException {
            return CommandLine.simulatedHost().check("boot", "--dir", folder);
        }

        ObjectNode status() throws IOException, FlipsideException {
            return parse(flipctl("status", "--json"));
        }

        /** Requires what runs, what the other slot holds, and the state. */
        void expect(String booted, String other, String state)
                throws IOException, FlipsideException {
            ObjectNode status = status();
            assertEquals(
                    List.of(booted, other, state),
                    List.of(
                            status.at("/booted/version").asText(),
                            status.at("/inactive/version").asText(),
                            status.at("/state/name").asText()),
                    status::toPrettyString);
        }

        List<String> entries() throws IOException {
            return names(folder.resolve("esp/loader/entries"));
        }

        private Object[] line(Object... arguments) {
            List<Object> line = new ArrayList<>(List.of("--config", configuration()));
            line.addAll(List.of(arguments));
            return line.toArray();
        }
    }

    static ObjectNode parse(String json) throws FlipsideException {
        return StrictJson.parse(
                json.getBytes(StandardCharsets.UTF_8), "output", FailureCode.STATE_MALFORMED);
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** The content of every file below a folder, by its path there. */
    static SortedMap<String, String> contents(Path folder) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(file).toString(), Digest.sha256(file));
            }
        }
        return contents;
    }
}
