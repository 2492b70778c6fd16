package dev.flipside.failure;

/**
 * Carries a {@link Failure} to whoever can report it. Checked, because each of its causes is
 * expected; a bug throws an unchecked exception instead.
 */
public final class FlipsideException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public FlipsideException(Failure failure) {
        super(failure.line());
        this.failure = failure;
    }

    public FlipsideException(Failure failure, Throwable cause) {
        super(failure.line(), cause);
        this.failure = failure;
    }

    public FlipsideException(
            FailureCode code, String what, String expected, String found, String action) {
        this(new Failure(code, what, expected, found, action));
    }

    public Failure failure() {
        return failure;
    }
}
