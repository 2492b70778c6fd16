package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.PolicyText;
import dev.flipside.updater.operation.Operation;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** The commands that change the host, or what it should do: each is the operation of its name. */
final class Doing {
    static final String NOW = "--now";
    static final String UNTIL = "--until";

    private Doing() {}

    static void operation(Invocation invocation) throws FlipsideException, IOException {
        ObjectNode body = StrictJson.object();
        invocation.argument().ifPresent(version -> body.put("version", version));
        if (invocation.has(NOW)) {
            body.put(Operation.NOW, true);
        }
        Optional<String> until = invocation.option(UNTIL);
        if (until.isPresent()) {
            ZoneId zone = invocation.config().policy().timing().zone();
            body.put(Operation.UNTIL, moment(until.get(), zone).toString());
        }
        Operation operation = Operation.of(invocation.arguments().command().name(), body);
        invocation.console().result(invocation.run(operation));
    }

    private static Instant moment(String text, ZoneId zone) throws FlipsideException {
        return PolicyText.moment(text, zone)
                .orElseThrow(
                        () ->
                                new FlipsideException(
                                        FailureCode.REQUEST_INVALID,
                                        UNTIL,
                                        "a date as 2026-12-01, or a time as 2026-12-01T06:00+01:00",
                                        "'%s'".formatted(text),
                                        "name one"));
    }
}
