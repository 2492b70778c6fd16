package dev.flipside.integration.scenario.run;

import dev.flipside.integration.scenario.run.ScenarioResult.Kind;
import dev.flipside.integration.scenario.run.ScenarioResult.Problem;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Results as the XML that CI systems read ("JUnit XML"): one {@code testsuite}, and a {@code
 * testcase} for each scenario. There is no specification; this keeps to the schema of Maven
 * Surefire, which is the strictest one in use.
 */
public final class JunitXml {
    private static final String SUITE = "flipside-test";

    private JunitXml() {}

    /** The whole document. */
    public static String of(List<ScenarioResult> results) {
        long failed = results.stream().filter(it -> is(it, Kind.FAILED)).count();
        long errors = results.stream().filter(it -> is(it, Kind.ERROR)).count();
        Duration time =
                results.stream()
                        .map(ScenarioResult::duration)
                        .reduce(Duration.ZERO, Duration::plus);
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.append("<testsuite");
        attribute(xml, "name", SUITE);
        attribute(xml, "tests", Integer.toString(results.size()));
        attribute(xml, "failures", Long.toString(failed));
        attribute(xml, "errors", Long.toString(errors));
        attribute(xml, "skipped", "0");
        attribute(xml, "time", seconds(time));
        xml.append(">\n");
        results.forEach(result -> append(xml, result));
        return xml.append("</testsuite>\n").toString();
    }

    private static boolean is(ScenarioResult result, Kind kind) {
        return result.problem().map(it -> it.kind() == kind).orElse(false);
    }

    private static void append(StringBuilder xml, ScenarioResult result) {
        xml.append("  <testcase");
        attribute(xml, "name", result.scenario().name());
        attribute(xml, "classname", SUITE);
        attribute(xml, "time", seconds(result.duration()));
        xml.append(">\n");
        result.problem().ifPresent(problem -> append(xml, problem));
        element(xml, "system-out", steps(result.steps()));
        xml.append("  </testcase>\n");
    }

    private static void append(StringBuilder xml, Problem problem) {
        String name =
                switch (problem.kind()) {
                    case FAILED -> "failure";
                    case ERROR -> "error";
                };
        xml.append("    <").append(name);
        attribute(xml, "message", problem.where() + ": " + problem.message());
        attribute(xml, "type", problem.kind().code());
        xml.append('>');
        xml.append(
                escaped(
                        "%s: %s\n\nThe end of the serial console:\n%s\n"
                                .formatted(
                                        problem.where(),
                                        problem.message(),
                                        String.join("\n", problem.serialTail())),
                        false));
        xml.append("</").append(name).append(">\n");
    }

    private static String steps(List<StepResult> steps) {
        StringBuilder text = new StringBuilder();
        for (StepResult step : steps) {
            text.append(
                    "%s %s s: %s\n"
                            .formatted(
                                    step.step().title(),
                                    seconds(step.duration()),
                                    step.passed() ? "passed" : "not passed"));
        }
        return text.toString();
    }

    private static void element(StringBuilder xml, String name, String text) {
        xml.append("    <").append(name).append('>').append(escaped(text, false));
        xml.append("</").append(name).append(">\n");
    }

    private static void attribute(StringBuilder xml, String name, String value) {
        xml.append(' ').append(name).append("=\"").append(escaped(value, true)).append('"');
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1000.0);
    }

    /**
     * Serial consoles say anything: what XML 1.0 (clause 2.2) has no place for, not even escaped,
     * becomes U+FFFD. Line ends of attributes are escaped, as a reader makes spaces of them
     * (3.3.3).
     */
    private static String escaped(String text, boolean attribute) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints()
                .forEach(
                        point -> {
                            switch (point) {
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '&' -> escaped.append("&amp;");
                                case '"' -> escaped.append("&quot;");
                                case '\r' -> escaped.append("&#13;");
                                case '\n', '\t' ->
                                        escaped.append(
                                                attribute
                                                        ? "&#" + point + ";"
                                                        : Character.toString(point));
                                default -> escaped.appendCodePoint(allowed(point) ? point : 0xfffd);
                            }
                        });
        return escaped.toString();
    }

    private static boolean allowed(int point) {
        return point >= 0x20
                && !(point >= 0xd800 && point <= 0xdfff)
                && point != 0xfffe
                && point != 0xffff;
    }
}
