package dev.flipside.updater.api;

import dev.flipside.updater.operation.Operation;
import java.util.Objects;

/** A change that somebody asks for at the socket. Immutable. */
public sealed interface Request {
    String name();

    /** Something to do with the host. */
    record Change(Operation operation) implements Request {
        public Change {
            Objects.requireNonNull(operation);
        }

        @Override
        public String name() {
            return operation.name();
        }
    }

    /** Read the configuration again. */
    record Reload() implements Request {
        @Override
        public String name() {
            return "reload";
        }
    }
}
