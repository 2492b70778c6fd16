package dev.flipside.platform;

/** The machine has lost its power. Nothing may catch this but the test that cut it. */
public final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PowerCut(long operations) {
        super("power cut during operation " + operations);
    }
}
