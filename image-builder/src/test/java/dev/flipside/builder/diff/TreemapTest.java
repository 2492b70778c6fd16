package dev.flipside.builder.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.builder.diff.Treemap.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreemapTest {
    private static final Box WHOLE = new Box(null, 10, 20, 1200, 680);
    private static final double ROUNDING = 1e-6;

    private static List<Tile> tiles(long... bytes) {
        List<Tile> tiles = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            tiles.add(new Tile("tile " + i, "changed", bytes[i], List.of()));
        }
        tiles.sort(Tile.LARGEST);
        return tiles;
    }

    @Test
    void givesEachTileTheAreaOfItsBytesAndLeavesNoneOut() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<Tile> tiles = tiles(random.longs(1 + random.nextInt(80), 1, 1L << 30).toArray());
            double scale = WHOLE.area() / tiles.stream().mapToLong(Tile::bytes).sum();
            List<Box> boxes = Treemap.place(tiles, WHOLE);
            assertEquals(tiles, boxes.stream().map(Box::tile).toList(), "seed " + seed);
            for (Box box : boxes) {
                assertEquals(box.tile().bytes() * scale, box.area(), 1e-3, "seed " + seed);
                assertTrue(
                        box.x() > 10 - ROUNDING
                                && box.y() > 20 - ROUNDING
                                && box.x() + box.width() < 1210 + ROUNDING
                                && box.y() + box.height() < 700 + ROUNDING,
                        "seed " + seed + ": " + box);
            }
            requireNoOverlap(boxes, seed);
        }
    }

    private static void requireNoOverlap(List<Box> boxes, int seed) {
        for (int i = 0; i < boxes.size(); i++) {
            Box one = boxes.get(i);
            for (Box other : boxes.subList(i + 1, boxes.size())) {
                boolean apart =
                        one.x() + one.width() <= other.x() + ROUNDING
                                || other.x() + other.width() <= one.x() + ROUNDING
                                || one.y() + one.height() <= other.y() + ROUNDING
                                || other.y() + other.height() <= one.y() + ROUNDING;
                assertTrue(apart, "seed " + seed + ": " + one + " and " + other);
            }
        }
    }

    @Test
    void keepsTheTilesOfThePaperAsSquareAsThePaperDoes() {
        List<Box> boxes = Treemap.place(tiles(6, 6, 4, 3, 2, 2, 1), new Box(null, 0, 0, 6, 4));
        double worst =
                boxes.stream()
                        .mapToDouble(
                                it -> Math.max(it.width() / it.height(), it.height() / it.width()))
                        .max()
                        .orElseThrow();
        assertEquals(25.0 / 9, worst, 1e-9);
    }

    @Test
    void hasNoBoxesWhereThereAreNoBytes() {
        assertEquals(List.of(), Treemap.place(List.of(), WHOLE));
    }
}
