package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What an operation found or did: an object for programs, and the same in lines for people.
 *
 * @param json without the lines
 */
public record Report(ObjectNode json, List<String> lines) {
    private static final String LINES = "lines";

    public Report {
        Objects.requireNonNull(json);
        lines = List.copyOf(lines);
    }

    /** Both in one object, the lines as {@code lines}: the form in which the socket carries it. */
    public ObjectNode toJson() {
        ObjectNode node = json.deepCopy();
        ArrayNode texts = node.putArray(LINES);
        lines.forEach(texts::add);
        return node;
    }

    /** The reverse of {@link #toJson}; lines that are no text are passed over. */
    public static Report of(ObjectNode node) {
        ObjectNode json = node.deepCopy();
        List<String> lines = new ArrayList<>();
        for (JsonNode line : node.path(LINES)) {
            if (line.isTextual()) {
                lines.add(line.textValue());
            }
        }
        json.remove(LINES);
        return new Report(json, lines);
    }
}
