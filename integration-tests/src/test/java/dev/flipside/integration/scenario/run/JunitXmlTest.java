package dev.flipside.integration.scenario.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.scenario.Scenario;
import dev.flipside.integration.scenario.Scenario.NumberedStep;
import dev.flipside.integration.scenario.Step;
import dev.flipside.integration.scenario.Step.Until;
import dev.flipside.integration.scenario.run.ScenarioResult.Kind;
import dev.flipside.integration.scenario.run.ScenarioResult.Problem;
import dev.flipside.integration.scenario.run.ScenarioResult.StepResult;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class JunitXmlTest {
    private static final String EVIL =
            "<a href=\"x\">&amp;'\t\r\n]]>\u0000\u001b[31m\u0085\uD800\uFFFE \uD83D\uDE00";
    private static final String READ_BACK =
            "<a href=\"x\">&amp;'\t\r\n]]>\uFFFD\uFFFD[31m\u0085\uFFFD\uFFFD \uD83D\uDE00";

    @Test
    void isWhatTheSchemaAllowsAndCountsWhatHappened() throws Exception {
        Document document =
                valid(
                        JunitXml.of(
                                List.of(
                                        result("kept", Optional.empty()),
                                        result("lost", problem(Kind.FAILED, "no")),
                                        result("broken", problem(Kind.ERROR, "QEMU")))));
        Element suite = document.getDocumentElement();
        assertEquals("3", suite.getAttribute("tests"));
        assertEquals("1", suite.getAttribute("failures"));
        assertEquals("1", suite.getAttribute("errors"));
        assertEquals("0", suite.getAttribute("skipped"));
        assertEquals("270.015", suite.getAttribute("time"));
        assertEquals(1, document.getElementsByTagName("failure").getLength());
        assertEquals(1, document.getElementsByTagName("error").getLength());
        Element first = (Element) document.getElementsByTagName("testcase").item(0);
        assertEquals("kept", first.getAttribute("name"));
        assertEquals("90.005", first.getAttribute("time"));
        assertTrue(first.getTextContent().contains("step 1 (boot) 12.340 s: passed"));
        valid(JunitXml.of(List.of()));
    }

    @Test
    void carriesWhateverAConsoleSays() throws Exception {
        Document document = valid(JunitXml.of(List.of(result(EVIL, problem(Kind.FAILED, EVIL)))));
        Element testcase = (Element) document.getElementsByTagName("testcase").item(0);
        assertEquals(READ_BACK, testcase.getAttribute("name"));
        Element failure = (Element) document.getElementsByTagName("failure").item(0);
        assertEquals("step 2 (update): " + READ_BACK, failure.getAttribute("message"));
        assertTrue(
                failure.getTextContent().contains("console:\nlast words\n" + READ_BACK),
                failure::getTextContent);
    }

    @Test
    void writesSecondsWithAPointInEveryLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertTrue(
                    JunitXml.of(List.of(result("x", Optional.empty())))
                            .contains("time=\"90.005\""));
        } finally {
            Locale.setDefault(before);
        }
    }

    private static Document valid(String xml) throws Exception {
        Schema schema =
                SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
                        .newSchema(JunitXmlTest.class.getResource("/junit.xsd"));
        schema.newValidator().validate(new StreamSource(new StringReader(xml)));
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }

    private static Optional<Problem> problem(Kind kind, String message) {
        return Optional.of(
                new Problem(kind, "step 2 (update)", message, List.of("last words", message)));
    }

    private static ScenarioResult result(String name, Optional<Problem> problem) {
        NumberedStep boot =
                new NumberedStep(1, new Step.Boot(Until.HEALTHY), Duration.ofMinutes(1), 1);
        return new ScenarioResult(
                new Scenario(
                        "a.toml", name, Duration.ofMinutes(1), Optional.empty(), List.of(boot)),
                Instant.EPOCH,
                Duration.ofMillis(90_005),
                List.of(new StepResult(boot, Duration.ofMillis(12_340), true)),
                problem);
    }
}
