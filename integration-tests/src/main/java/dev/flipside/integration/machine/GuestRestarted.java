package dev.flipside.integration.machine;

import java.io.IOException;

/** The guest booted while it was to do something. */
public final class GuestRestarted extends IOException {
    private static final long serialVersionUID = 1L;

    GuestRestarted(String message) {
        super(message);
    }
}
