package dev.flipside.failure;

import java.util.Objects;

/**
 * One expected failure: what failed, what was expected, what was found, and what to do about it.
 *
 * @param what the thing that failed, as a noun phrase: "root.tar: entry 'etc/passwd'"
 * @param expected what would have been right: "a relative path without '..'"
 * @param found what was there instead: "'../etc/passwd'"
 * @param action what the reader does next: "make the archive again"
 */
public record Failure(FailureCode code, String what, String expected, String found, String action) {
    public Failure {
        Objects.requireNonNull(code);
        Objects.requireNonNull(what);
        Objects.requireNonNull(expected);
        Objects.requireNonNull(found);
        Objects.requireNonNull(action);
    }

    /** The one line that a user sees, without a line break whatever the fields hold. */
    public String line() {
        String line =
                "%s: expected %s, found %s; %s [%s]"
                        .formatted(what, expected, found, action, code.code());
        return line.replaceAll("\\p{Cntrl}+", " ");
    }
}
