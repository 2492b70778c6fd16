package dev.flipside.updater.operation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.json.StrictJson;
import java.util.Arrays;
import java.util.Optional;

/** A failure as commands print it and the socket carries it. */
public final class FailureJson {
    private FailureJson() {}

    public static ObjectNode of(Failure failure) {
        return StrictJson.object()
                .put("code", failure.code().code())
                .put("group", failure.code().group().code())
                .put("what", failure.what())
                .put("expected", failure.expected())
                .put("found", failure.found())
                .put("action", failure.action());
    }

    /** The reverse; empty for a code that is not known here. */
    public static Optional<Failure> read(ObjectNode node) {
        return Arrays.stream(FailureCode.values())
                .filter(code -> code.code().equals(node.path("code").asText()))
                .findFirst()
                .map(
                        code ->
                                new Failure(
                                        code,
                                        node.path("what").asText(),
                                        node.path("expected").asText(),
                                        node.path("found").asText(),
                                        node.path("action").asText()));
    }
}
