package dev.flipside.builder.diff;

import dev.flipside.builder.diff.Treemap.Box;
import dev.flipside.builder.inspect.TextTable;
import java.util.List;
import java.util.Locale;

/** The map of where the fetched bytes go, as SVG; every rectangle has a title with its numbers. */
final class TreemapSvg {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 680;
    private static final int HEADER = 16;
    private static final int PADDING = 2;
    private static final double LEAST_SIDE = 0.3;
    private static final double CHARACTER_WIDTH = 7;
    private static final int LEAST_LABEL_WIDTH = 40;
    private static final int LEAST_LABEL_HEIGHT = 14;

    private final StringBuilder svg = new StringBuilder();
    private final long totalBytes;

    private TreemapSvg(long totalBytes) {
        this.totalBytes = totalBytes;
    }

    static String of(ReleaseDiff diff) {
        TreemapSvg map = new TreemapSvg(diff.cost().totalBytes());
        map.draw(Tile.of(diff));
        return map.svg.toString();
    }

    private void draw(List<Tile> tiles) {
        svg.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" ".formatted(WIDTH, HEIGHT))
                .append("aria-labelledby=\"map-title map-description\" ")
                .append("xmlns=\"http://www.w3.org/2000/svg\">\n")
                .append("<title id=\"map-title\">Where the fetched bytes go</title>\n")
                .append("<desc id=\"map-description\">A rectangle for each package or folder, ")
                .append("and in it one for each file; areas are as the bytes. ")
                .append("The tables below say the same in numbers.</desc>\n");
        for (Box box : Treemap.place(tiles, new Box(null, 0, 0, WIDTH, HEIGHT))) {
            if (box.tile().inner().isEmpty()) {
                leaf(box);
            } else {
                group(box);
            }
        }
        svg.append("</svg>\n");
    }

    private void group(Box box) {
        svg.append("<g>");
        rectangle(box);
        boolean labelled = box.height() > 3 * HEADER && box.width() > LEAST_LABEL_WIDTH;
        double top = labelled ? HEADER : Math.min(PADDING, box.height() / 8);
        double edge = Math.min(PADDING, Math.min(box.width(), box.height()) / 8);
        if (labelled) {
            label(box, box.y() + HEADER - 4);
        }
        Box inside =
                new Box(
                        null,
                        box.x() + edge,
                        box.y() + top,
                        box.width() - 2 * edge,
                        box.height() - top - edge);
        Treemap.place(box.tile().inner(), inside).forEach(this::leaf);
        svg.append("</g>\n");
    }

    private void leaf(Box box) {
        if (box.width() < LEAST_SIDE || box.height() < LEAST_SIDE) {
            return;
        }
        svg.append("<g>");
        rectangle(box);
        if (box.width() > LEAST_LABEL_WIDTH && box.height() > LEAST_LABEL_HEIGHT) {
            label(box, box.y() + LEAST_LABEL_HEIGHT - 2);
        }
        svg.append("</g>\n");
    }

    private void rectangle(Box box) {
        Tile tile = box.tile();
        svg.append(
                        String.format(
                                Locale.ROOT,
                                "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\""
                                        + " height=\"%.2f\">",
                                tile.look(),
                                box.x(),
                                box.y(),
                                box.width(),
                                box.height()))
                .append("<title>")
                .append(DiffHtml.escape(tile.label()))
                .append(
                        ": %d bytes (%s), %s"
                                .formatted(
                                        tile.bytes(),
                                        DiffText.percent(tile.bytes(), totalBytes),
                                        tile.look().equals("same")
                                                ? "other metadata"
                                                : tile.look()))
                .append("</title></rect>");
    }

    private void label(Box box, double baseline) {
        int room = (int) ((box.width() - 6) / CHARACTER_WIDTH);
        boolean group = !box.tile().inner().isEmpty();
        String name = group ? box.tile().label() : lastName(box.tile().label());
        String text = shortened(TextTable.printable(name), room);
        svg.append(
                        String.format(
                                Locale.ROOT, "<text x=\"%.2f\" y=\"%.2f\">", box.x() + 3, baseline))
                .append(DiffHtml.escape(text))
                .append("</text>");
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The end of a path says more than its beginning. */
    private static String shortened(String text, int room) {
        int length = text.codePointCount(0, text.length());
        if (length <= room) {
            return text;
        }
        int from = text.offsetByCodePoints(0, length - Math.max(room - 1, 0));
        return "…" + text.substring(from);
    }
}
