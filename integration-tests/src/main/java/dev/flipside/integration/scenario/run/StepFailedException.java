package dev.flipside.integration.scenario.run;

/** The host did not do what a step asks for. */
final class StepFailedException extends Exception {
    private static final long serialVersionUID = 1;

    StepFailedException(String expected, String found) {
        super("expected %s, found %s".formatted(expected, found));
    }
}
