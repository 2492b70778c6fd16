package dev.flipside.integration;

/** The simulated kernel has stopped; only the power button knows what comes next. */
final class KernelPanic extends RuntimeException {
    private static final long serialVersionUID = 1L;

    KernelPanic(String message, Throwable cause) {
        super(message, cause);
    }
}
