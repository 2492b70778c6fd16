package dev.flipside.updater.health;

import dev.flipside.platform.DurableFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code trials/SEQUENCE-TRY-BOOTID.journal}: what was heard last of a boot that systemd gave up,
 * written by {@code /usr/lib/flipside/give-up} without the updater. The names are in the order of
 * the boots. The first line is {@code rootHash HEX}, of the image that ran.
 */
final class TrialJournals {
    static final String ENDING = ".journal";
    private static final String ROOT_HASH = "rootHash ";
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_LINES = 24;

    private final DurableFolder state;
    private final String folder;

    TrialJournals(DurableFolder state, String folder) {
        this.state = state;
        this.folder = folder;
    }

    /** Of the last boot of an image that was given up; empty when none was. */
    Optional<List<String>> last(String rootHash) throws IOException {
        Optional<List<String>> last = Optional.empty();
        for (String name : state.list(folder)) {
            if (name.endsWith(ENDING)) {
                List<String> lines = read(name);
                if (!lines.isEmpty() && lines.getFirst().equals(ROOT_HASH + rootHash)) {
                    last = Optional.of(lines.subList(1, lines.size()));
                }
            }
        }
        return last;
    }

    /** Removes those of an image, and those that cannot be read. */
    void clear(String rootHash) throws IOException {
        for (String name : state.list(folder)) {
            if (name.endsWith(ENDING)) {
                List<String> lines = read(name);
                if (lines.isEmpty()
                        || !lines.getFirst().startsWith(ROOT_HASH)
                        || lines.getFirst().equals(ROOT_HASH + rootHash)) {
                    state.remove(folder + "/" + name);
                }
            }
        }
    }

    private List<String> read(String name) throws IOException {
        Optional<byte[]> bytes;
        try {
            bytes = state.read(folder + "/" + name, MAX_BYTES);
        } catch (java.nio.file.FileSystemException e) {
            // Larger than what the script writes, or no file: says nothing.
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        new String(bytes.orElse(new byte[0]), StandardCharsets.UTF_8)
                .lines()
                .map(OneLine::of)
                .filter(line -> !line.isEmpty())
                .forEach(lines::add);
        return lines.size() <= MAX_LINES + 1 ? lines : lines.subList(0, MAX_LINES + 1);
    }
}
