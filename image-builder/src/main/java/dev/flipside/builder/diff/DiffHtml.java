package dev.flipside.builder.diff;

import dev.flipside.builder.inspect.TextTable;
import dev.flipside.release.ReleaseManifest;
import java.util.List;

/**
 * A difference as one page that needs nothing else: no network, no script, no font.
 *
 * <p>Invariant: it is well-formed XML as well, and every name in it is escaped; its content policy
 * forbids a browser to fetch anything.
 */
public final class DiffHtml {
    private static final int MAX_ROWS = 2000;

    private static final String STYLE =
            """
            :root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #c9d1d9;
              --group: #eaeef2; --added: #9fd8a4; --changed: #a9c8f5; --same: #e6d49a;
              --overhead: #d5c3ea; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117;
              --line: #3d444d; --group: #21262d; --added: #1f6b33; --changed: #1f4f8f;
              --same: #6b5410; --overhead: #55397a; } }
            body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink);
              background: var(--paper); max-width: 1200px; margin: 2em auto; padding: 0 1em; }
            svg { width: 100%; height: auto; }
            rect { stroke: var(--paper); stroke-width: 0.6; }
            .group { fill: var(--group); } .added { fill: var(--added); }
            .changed { fill: var(--changed); } .same { fill: var(--same); }
            .overhead { fill: var(--overhead); }
            svg text { font: 11px ui-monospace, monospace; fill: var(--ink);
              pointer-events: none; }
            table { border-collapse: collapse; margin: 1em 0; width: 100%; }
            caption { text-align: left; font-weight: 600; padding: 0.4em 0; }
            th, td { text-align: left; padding: 0.2em 0.6em 0.2em 0;
              border-bottom: 1px solid var(--line); vertical-align: top;
              overflow-wrap: anywhere; }
            .number { text-align: right; white-space: nowrap;
              font-variant-numeric: tabular-nums; }
            .key span { display: inline-block; padding: 0 0.7em; margin-right: 0.5em;
              border-radius: 3px; }
            .key .added { background: var(--added); } .key .changed { background: var(--changed); }
            .key .same { background: var(--same); } .key .overhead { background: var(--overhead); }
            """;

    private final StringBuilder html = new StringBuilder();

    private DiffHtml() {}

    /** The page. */
    public static String page(ReleaseDiff diff) {
        DiffHtml page = new DiffHtml();
        page.head(diff);
        page.shares(diff);
        page.packages(diff);
        page.files(diff);
        page.html.append("</body>\n</html>\n");
        return page.html.toString();
    }

    private void head(ReleaseDiff diff) {
        FetchCost cost = diff.cost();
        ReleaseManifest to = diff.to();
        String title = "%s %s to %s".formatted(to.product(), diff.from().version(), to.version());
        html.append("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n")
                .append("<head>\n<meta charset=\"utf-8\" />\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\" />\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" ")
                .append("content=\"default-src 'none'; style-src 'unsafe-inline'\" />\n")
                .append("<title>")
                .append(escape(title))
                .append("</title>\n")
                .append("<style>\n")
                .append(STYLE)
                .append("</style>\n</head>\n<body>\n")
                .append("<h1>")
                .append(escape(title))
                .append("</h1>\n<p>")
                .append(
                        escape(
                                "A host (%s) that runs %s fetches %s in %d requests: %s of the %s"
                                        .formatted(
                                                to.architecture().code(),
                                                diff.from().version(),
                                                TextTable.bytes(cost.totalBytes()),
                                                cost.requests(),
                                                DiffText.percent(
                                                        cost.totalBytes(), cost.fullBytes()),
                                                TextTable.bytes(cost.fullBytes()))))
                .append(" of a full image. Of ")
                .append(cost.blocks())
                .append(" blocks it copies ")
                .append(cost.blocksReused())
                .append(" from the slot that runs, and fetches ")
                .append(cost.blocksFetched())
                .append(".</p>\n<p class=\"key\"><span class=\"changed\">changed file</span>")
                .append("<span class=\"added\">added file</span>")
                .append("<span class=\"same\">file with other metadata</span>")
                .append("<span class=\"overhead\">not a file</span></p>\n")
                .append(TreemapSvg.of(diff));
    }

    private void shares(ReleaseDiff diff) {
        begin("What is fetched", "part", "#bytes", "#share");
        long total = diff.cost().totalBytes();
        for (CostShare share : CostShare.of(diff)) {
            row(share.label(), "#" + share.bytes(), "#" + DiffText.percent(share.bytes(), total));
        }
        row(text("in all"), number(total), number(DiffText.percent(total, total)));
        end(0);
    }

    private void packages(ReleaseDiff diff) {
        if (!diff.packagesKnown()) {
            html.append("<p>Packages are not known, as a release has no SBOM.</p>\n");
            return;
        }
        begin("Packages", "package", "", "old", "new", "#fetched bytes");
        for (PackageChange it : first(diff.packages())) {
            row(
                    text(it.name()),
                    text(it.kind().code()),
                    text(it.oldVersion().orElse("–")),
                    text(it.newVersion().orElse("–")),
                    number(it.fetchedBytes()));
        }
        end(diff.packages().size() - MAX_ROWS);
    }

    private void files(ReleaseDiff diff) {
        begin(
                "Files: %d added, %d removed, %d changed, %d with other metadata alone"
                        .formatted(
                                diff.count(FileChange.Kind.ADDED),
                                diff.count(FileChange.Kind.REMOVED),
                                diff.count(FileChange.Kind.CHANGED),
                                diff.count(FileChange.Kind.METADATA)),
                "file",
                "",
                "#old size",
                "#new size",
                "#fetched bytes",
                "package");
        for (FileChange it : first(diff.files())) {
            row(
                    text(it.path().toString()),
                    text(DiffText.what(it)),
                    number(it.oldSizeBytes()),
                    number(it.newSizeBytes()),
                    number(it.fetchedBytes()),
                    text(it.owner().orElse("–")));
        }
        end(diff.files().size() + diff.unlisted() - MAX_ROWS);
    }

    /** A table; a column whose name starts with {@code #} has numbers. */
    private void begin(String caption, String... columns) {
        html.append("<table>\n<caption>").append(escape(caption)).append("</caption>\n<thead><tr>");
        for (String column : columns) {
            boolean number = column.startsWith("#");
            html.append(number ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
                    .append(escape(number ? column.substring(1) : column))
                    .append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
    }

    private void row(String... cells) {
        html.append("<tr>").append(String.join("", cells)).append("</tr>\n");
    }

    private static String text(String text) {
        return "<td>" + escape(text) + "</td>";
    }

    private static String number(Object number) {
        return "<td class=\"number\">" + escape(number.toString()) + "</td>";
    }

    private void end(long more) {
        html.append("</tbody>\n</table>\n");
        if (more > 0) {
            html.append("<p>And ").append(more).append(" more, which --json lists.</p>\n");
        }
    }

    private static <T> List<T> first(List<T> all) {
        return all.subList(0, Math.min(MAX_ROWS, all.size()));
    }

    /** Text as it may stand in an element or an attribute. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder();
        TextTable.printable(text)
                .codePoints()
                .forEach(
                        c -> {
                            switch (c) {
                                case '&' -> out.append("&amp;");
                                case '<' -> out.append("&lt;");
                                case '>' -> out.append("&gt;");
                                case '"' -> out.append("&quot;");
                                case '\'' -> out.append("&#39;");
                                default -> out.appendCodePoint(isXml(c) ? c : 0xfffd);
                            }
                        });
        return out.toString();
    }

    /** XML 1.0 has no half surrogates and no U+FFFE. */
    private static boolean isXml(int c) {
        return c < 0xd800 || (c > 0xdfff && c != 0xfffe && c != 0xffff);
    }
}
