package dev.flipside.updater.operation;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.coordinator.Coordinator;

/** A question about a host. Answering it changes nothing, and needs no lock. */
public enum Query {
    STATUS("status"),
    WHY("why"),
    HISTORY("history");

    private final String code;

    Query(String code) {
        this.code = code;
    }

    /** The stable name: of the command of {@code flipctl}, and of the path at the socket. */
    public String code() {
        return code;
    }

    /** Answers it, with a coordinator that does nothing else meanwhile. */
    public Report answer(Coordinator coordinator) throws FlipsideException {
        return switch (this) {
            case STATUS -> Reports.status(coordinator.status());
            case WHY -> Reports.why(coordinator.status().memory());
            case HISTORY -> Reports.history(coordinator.history());
        };
    }
}
