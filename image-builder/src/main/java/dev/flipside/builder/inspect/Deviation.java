package dev.flipside.builder.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing in which an image differs from the root file system that it was built from.
 *
 * @param kind as the recipe has it: {@code overlay}, {@code exclude}, …; or {@code compress}
 * @param what a pattern, a path, an option
 * @param digest of what was read for it, as {@code dirHash:…} or {@code sha256:…}
 * @param why the reason that the recipe gives; an option of the command line has none
 */
public record Deviation(String kind, String what, Optional<String> digest, Optional<String> why) {
    /** All of them, in the order in which they were made; what is of another form is left out. */
    static List<Deviation> find(ObjectNode provenance) {
        JsonNode definition = provenance.at("/predicate/buildDefinition");
        JsonNode parameters = definition.path("externalParameters");
        List<Deviation> found = new ArrayList<>();
        for (JsonNode change : parameters.path("recipe")) {
            Optional<String> kind = text(change, "kind");
            Optional<String> what = text(change, "subject");
            if (kind.isPresent() && what.isPresent()) {
                found.add(
                        new Deviation(
                                kind.get(),
                                what.get(),
                                digest(definition, kind.get() + " " + what.get()),
                                text(change, "why")));
            }
        }
        text(parameters, "compression")
                .map(it -> new Deviation("compress", it, Optional.empty(), Optional.empty()))
                .ifPresent(found::add);
        return List.copyOf(found);
    }

    private static Optional<String> digest(JsonNode definition, String input) {
        for (JsonNode dependency : definition.path("resolvedDependencies")) {
            if (text(dependency, "name").filter(input::equals).isPresent()) {
                for (Map.Entry<String, JsonNode> digest : dependency.path("digest").properties()) {
                    return Optional.of(digest.getKey() + ":" + digest.getValue().asText());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> text(JsonNode object, String key) {
        return Optional.ofNullable(object.path(key).textValue());
    }
}
