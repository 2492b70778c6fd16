package dev.flipside.builder.diff;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One rectangle of the map of fetched bytes, and those within it.
 *
 * @param look which colour it has: {@code added}, {@code changed}, {@code same} or {@code overhead}
 */
record Tile(String label, String look, long bytes, List<Tile> inner) {
    /** More rectangles than these are too small to see, and make the page slow. */
    private static final int MAX_FILES = 1500;

    private static final int MIN_FILES_OF_A_GROUP = 3;
    private static final int FOLDER_DEPTH = 3;

    static final Comparator<Tile> LARGEST =
            Comparator.comparingLong(Tile::bytes).reversed().thenComparing(Tile::label);

    Tile {
        inner = List.copyOf(inner);
    }

    /** The whole map: a rectangle for each package, folder, and kind of overhead. */
    static List<Tile> of(ReleaseDiff diff) {
        Map<String, List<FileChange>> groups =
                diff.files().stream()
                        .filter(it -> it.fetchedBytes() > 0)
                        .collect(
                                Collectors.groupingBy(
                                        Tile::group, TreeMap::new, Collectors.toList()));
        int listed = groups.values().stream().mapToInt(List::size).sum();
        List<Tile> tiles = new ArrayList<>();
        groups.forEach((name, files) -> tiles.add(group(name, files, listed)));
        long inGroups = tiles.stream().mapToLong(Tile::bytes).sum();
        for (CostShare share : CostShare.of(diff)) {
            boolean files = share.code().equals("fileBytes");
            long bytes = files ? share.bytes() - inGroups : share.bytes();
            if (bytes > 0) {
                String label = files ? "files that are not listed" : share.label();
                tiles.add(new Tile(label, "overhead", bytes, List.of()));
            }
        }
        tiles.sort(LARGEST);
        return tiles;
    }

    private static Tile group(String name, List<FileChange> files, int listed) {
        List<Tile> inner = new ArrayList<>();
        long fair = Math.max(MIN_FILES_OF_A_GROUP, (long) MAX_FILES * files.size() / listed);
        long rest = 0;
        long restBytes = 0;
        for (FileChange file : files) {
            if (inner.size() < fair) {
                inner.add(
                        new Tile(
                                file.path().toString(),
                                look(file.kind()),
                                file.fetchedBytes(),
                                List.of()));
            } else {
                rest++;
                restBytes += file.fetchedBytes();
            }
        }
        if (rest > 0) {
            inner.add(new Tile(rest + " smaller files", "changed", restBytes, List.of()));
        }
        inner.sort(LARGEST);
        long bytes = inner.stream().mapToLong(Tile::bytes).sum();
        return new Tile(name, "group", bytes, inner);
    }

    private static String look(FileChange.Kind kind) {
        return switch (kind) {
            case ADDED -> "added";
            case CHANGED -> "changed";
            case METADATA, SAME, REMOVED -> "same";
        };
    }

    /** The package of a file, or the folder above it. */
    private static String group(FileChange file) {
        if (file.owner().isPresent()) {
            return file.owner().get();
        }
        String path = file.path().toString();
        int end = 0;
        for (int depth = 0; depth < FOLDER_DEPTH; depth++) {
            int slash = path.indexOf('/', end + 1);
            if (slash < 0) {
                break;
            }
            end = slash;
        }
        return end == 0 ? "/" : path.substring(0, end);
    }
}
