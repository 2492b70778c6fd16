package dev.flipside.builder.diff;

import java.util.ArrayList;
import java.util.List;

/**
 * Puts rectangles whose areas are as their bytes into a rectangle, each as close to a square as
 * comes out of filling one row after the other (Bruls, Huizing, van Wijk, "Squarified Treemaps").
 */
final class Treemap {
    private final List<Box> boxes = new ArrayList<>();
    private final double scale;
    private double x;
    private double y;
    private double width;
    private double height;

    private Treemap(Box whole, double scale) {
        this.x = whole.x();
        this.y = whole.y();
        this.width = whole.width();
        this.height = whole.height();
        this.scale = scale;
    }

    /** A tile, and where it is. */
    record Box(Tile tile, double x, double y, double width, double height) {
        double area() {
            return width * height;
        }
    }

    /**
     * Places the tiles so that they fill the box.
     *
     * @param tiles from the largest to the smallest, all of them of more than 0 bytes
     */
    static List<Box> place(List<Tile> tiles, Box into) {
        double total = tiles.stream().mapToLong(Tile::bytes).sum();
        if (total == 0) {
            return List.of();
        }
        Treemap map = new Treemap(into, into.area() / total);
        int from = 0;
        while (from < tiles.size()) {
            int to = map.rowEnd(tiles, from);
            map.row(tiles.subList(from, to), to == tiles.size());
            from = to;
        }
        return map.boxes;
    }

    /** Where the row ends that gets worse with one tile more. */
    private int rowEnd(List<Tile> tiles, int from) {
        double side = Math.min(width, height);
        double largest = tiles.get(from).bytes() * scale;
        double sum = largest;
        double worst = worst(largest, largest, sum, side);
        int to = from + 1;
        while (to < tiles.size()) {
            double next = tiles.get(to).bytes() * scale;
            double worse = worst(largest, next, sum + next, side);
            if (worse > worst) {
                break;
            }
            worst = worse;
            sum += next;
            to++;
        }
        return to;
    }

    /** The ratio of the sides of the least square tile in a row. */
    private static double worst(double largest, double smallest, double sum, double side) {
        double depth = sum / side;
        return Math.max(depth * depth / smallest, largest / (depth * depth));
    }

    private void row(List<Tile> tiles, boolean last) {
        boolean across = width < height;
        double sum = tiles.stream().mapToLong(Tile::bytes).sum() * scale;
        double side = across ? width : height;
        double room = across ? height : width;
        // What rounding has left goes to the last row, so that the box is full.
        double depth = last ? room : Math.min(room, sum / side);
        double at = 0;
        for (Tile tile : tiles) {
            double length = side * (tile.bytes() * scale / sum);
            boxes.add(
                    across
                            ? new Box(tile, x + at, y, length, depth)
                            : new Box(tile, x, y + at, depth, length));
            at += length;
        }
        if (across) {
            y += depth;
            height -= depth;
        } else {
            x += depth;
            width -= depth;
        }
    }
}
