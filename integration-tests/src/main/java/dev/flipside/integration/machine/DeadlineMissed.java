package dev.flipside.integration.machine;

import java.io.IOException;

/** A machine did not do in time what was waited for; the message has the last that it said. */
public final class DeadlineMissed extends IOException {
    private static final long serialVersionUID = 1L;

    DeadlineMissed(String message) {
        super(message);
    }
}
