package dev.flipside.updater.source;

import java.time.Duration;

/** A try that ended before its time, and that another try may mend. */
final class BrokenTransfer extends Exception {
    private static final long serialVersionUID = 1L;

    private final Duration wanted;

    BrokenTransfer(String reason) {
        this(reason, Duration.ZERO, null);
    }

    BrokenTransfer(String reason, Throwable cause) {
        this(reason, Duration.ZERO, cause);
    }

    /**
     * @param wanted how long the server asks us to stay away
     */
    BrokenTransfer(String reason, Duration wanted, Throwable cause) {
        super(reason, cause);
        this.wanted = wanted;
    }

    Duration wanted() {
        return wanted;
    }
}
