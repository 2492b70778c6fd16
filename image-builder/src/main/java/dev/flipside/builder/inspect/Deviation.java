package dev.flipside.builder.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One thing in which an image differs from the root file system that it was built from.
 *
 * @param kind the key under which the recipe has it: {@code overlay}, {@code exclude}, …
 * @param what its other fields
 * @param why the reason that the recipe gives
 */
public record Deviation(String kind, String what, String why) {
    private static final String WHY = "why";
    private static final int MAX_DEPTH = 16;

    /** Every object of a document that has a reason, in the order of the document. */
    static List<Deviation> find(ObjectNode document) {
        List<Deviation> found = new ArrayList<>();
        collect("", document, MAX_DEPTH, found);
        return List.copyOf(found);
    }

    private static void collect(String kind, JsonNode node, int depth, List<Deviation> found) {
        if (depth == 0) {
            return;
        }
        if (node.path(WHY).isTextual()) {
            found.add(new Deviation(kind, what(node), node.get(WHY).textValue()));
            return;
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            collect(member.getKey(), member.getValue(), depth - 1, found);
        }
        if (node.isArray()) {
            node.forEach(element -> collect(kind, element, depth - 1, found));
        }
    }

    private static String what(JsonNode node) {
        return node.properties().stream()
                .filter(member -> !member.getKey().equals(WHY))
                .map(member -> member.getKey() + " " + text(member.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toString();
    }
}
