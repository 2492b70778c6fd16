package dev.flipside.updater.config;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.config.ConfigLayer.Given;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All files of a configuration. A key counts where it stands last: in the drop-ins of the image,
 * then the main file, then the operator's drop-ins, those of a folder in the order of their names.
 * An operator's drop-in stands for the one of the image that has its name.
 *
 * @param main the file that was named, whether it is there or not; paths are relative to its folder
 * @param layers the first one is the weakest
 */
record ConfigLayers(Path main, List<ConfigLayer> layers) {
    private static final String DROP_INS = "config.d";

    /** {@code /etc/flipside}, under any root. */
    private static final Path OPERATOR = Path.of("etc", "flipside");

    /** {@code /usr/lib/flipside}, under the same root. */
    private static final Path IMAGE = Path.of("usr", "lib", "flipside");

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DROP_INS = 256;

    ConfigLayers {
        layers = List.copyOf(layers);
    }

    static ConfigLayers of(Path named) throws FlipsideException {
        Path main = named.toAbsolutePath().normalize();
        SortedMap<String, Path> fromImage = fromImage(main);
        SortedMap<String, Path> fromOperator = dropIns(main.resolveSibling(DROP_INS));
        fromImage.keySet().removeAll(fromOperator.keySet());
        List<ConfigLayer> layers = new ArrayList<>(parse(fromImage));
        if (Files.exists(main) || (fromImage.isEmpty() && fromOperator.isEmpty())) {
            layers.add(ConfigLayer.parse(main, read(main)));
        }
        layers.addAll(parse(fromOperator));
        return new ConfigLayers(main, layers);
    }

    /** What the image brings along, as if the operator had written nothing. */
    static ConfigLayers ofImage(Path named) throws FlipsideException {
        Path main = named.toAbsolutePath().normalize();
        return new ConfigLayers(main, parse(fromImage(main)));
    }

    private static List<ConfigLayer> parse(SortedMap<String, Path> files) throws FlipsideException {
        List<ConfigLayer> layers = new ArrayList<>();
        for (Path file : files.values()) {
            layers.add(ConfigLayer.parse(file, read(file)));
        }
        return layers;
    }

    private static SortedMap<String, Path> fromImage(Path main) throws FlipsideException {
        Optional<Path> root = root(main);
        return root.isPresent()
                ? dropIns(root.get().resolve(IMAGE).resolve(DROP_INS))
                : new TreeMap<>();
    }

    Optional<Given> given(ConfigKey key) {
        return layers.reversed().stream()
                .map(layer -> layer.given(key))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** The root in which the file is the operator's; empty for a file that is elsewhere. */
    private static Optional<Path> root(Path main) {
        Path folder = main.getParent();
        return folder != null && folder.endsWith(OPERATOR)
                ? Optional.of(folder.resolve("..").resolve("..").normalize())
                : Optional.empty();
    }

    private static SortedMap<String, Path> dropIns(Path folder) throws FlipsideException {
        SortedMap<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "[!.]*.toml")) {
            for (Path file : entries) {
                files.put(String.valueOf(file.getFileName()), file);
                if (files.size() > MAX_DROP_INS) {
                    throw new FlipsideException(
                            FailureCode.CONFIG_INVALID,
                            folder.toString(),
                            "at most %d files".formatted(MAX_DROP_INS),
                            "more",
                            "put them together");
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return files;
        } catch (IOException e) {
            throw unreadable(folder, "a folder that can be listed", e);
        }
        return files;
    }

    private static byte[] read(Path file) throws FlipsideException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new FlipsideException(
                        FailureCode.CONFIG_INVALID,
                        file.toString(),
                        "at most %d bytes".formatted(MAX_BYTES),
                        "more",
                        "name the configuration with '--config FILE'");
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(file, "a configuration file", e);
        }
    }

    private static FlipsideException unreadable(Path path, String expected, IOException e) {
        return new FlipsideException(
                new Failure(
                        FailureCode.INPUT_MISSING,
                        path.toString(),
                        expected,
                        e instanceof NoSuchFileException ? "nothing there" : e.toString(),
                        "name one with '--config FILE'"),
                e);
    }
}
