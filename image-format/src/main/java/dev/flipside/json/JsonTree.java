package dev.flipside.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TreeTraversingParser;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Trees from Jackson's tokens, and back. An {@code ObjectMapper} does the same, but sets up all
 * that it could bind to classes first, which takes longer than all else that a command does.
 */
public final class JsonTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonTree() {}

    /** An empty object to fill; its keys keep the order in which they are put. */
    public static ObjectNode object() {
        return NODES.objectNode();
    }

    /**
     * Reads one value, and stops after its last token. Nesting costs heap, not stack.
     *
     * @return a missing node where there is no token
     */
    public static JsonNode read(JsonParser in) throws IOException {
        Deque<ContainerNode<?>> open = new ArrayDeque<>();
        String name = "";
        for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
            if (token == JsonToken.FIELD_NAME) {
                name = in.currentName();
                continue;
            }
            JsonNode done = token.isStructEnd() ? open.pop() : value(in, token);
            if (!token.isStructEnd() && !open.isEmpty()) {
                add(open.element(), name, done);
            }
            if (token.isStructStart()) {
                open.push((ContainerNode<?>) done);
            } else if (open.isEmpty()) {
                return done;
            }
        }
        return MissingNode.getInstance();
    }

    private static void add(ContainerNode<?> container, String name, JsonNode value) {
        if (container instanceof ObjectNode object) {
            object.set(name, value);
        } else {
            ((ArrayNode) container).add(value);
        }
    }

    private static JsonNode value(JsonParser in, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> NODES.objectNode();
            case START_ARRAY -> NODES.arrayNode();
            case VALUE_STRING -> NODES.textNode(in.getText());
            case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(token == JsonToken.VALUE_TRUE);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(in);
            case FIELD_NAME, END_OBJECT, END_ARRAY, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                    throw new IllegalStateException("no value begins with " + token);
        };
    }

    private static JsonNode number(JsonParser in) throws IOException {
        return switch (in.getNumberType()) {
            case INT -> NODES.numberNode(in.getIntValue());
            case LONG -> NODES.numberNode(in.getLongValue());
            case BIG_INTEGER -> NODES.numberNode(in.getBigIntegerValue());
            case FLOAT -> NODES.numberNode(in.getFloatValue());
            case DOUBLE -> NODES.numberNode(in.getDoubleValue());
            case BIG_DECIMAL -> NODES.numberNode(in.getDecimalValue());
        };
    }

    /** Writes a tree as the generator has it: on one line, or indented. */
    public static void write(JsonNode tree, JsonGenerator out) throws IOException {
        try (JsonParser tokens = new TreeTraversingParser(tree)) {
            tokens.nextToken();
            out.copyCurrentStructure(tokens);
        }
    }
}
