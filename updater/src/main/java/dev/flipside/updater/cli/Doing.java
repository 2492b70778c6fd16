package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.operation.Operation;
import java.io.IOException;

/** The commands that change the host, or what it should do: each is the operation of its name. */
final class Doing {
    private Doing() {}

    static void operation(Invocation invocation) throws FlipsideException, IOException {
        ObjectNode body = StrictJson.object();
        invocation.argument().ifPresent(version -> body.put("version", version));
        Operation operation = Operation.of(invocation.options().commandSpec().name(), body);
        invocation.console().result(invocation.run(operation));
    }
}
