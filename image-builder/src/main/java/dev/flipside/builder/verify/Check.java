package dev.flipside.builder.verify;

import dev.flipside.failure.Failure;

/** One thing that was looked at, and how it went. */
public sealed interface Check {
    /** What was looked at, as a noun phrase. */
    String name();

    /** It is right. */
    record Passed(String name, String detail) implements Check {}

    /** It is not. */
    record Failed(String name, Failure failure) implements Check {}

    /** It is there, and nobody can say, as something is missing for it. */
    record NotChecked(String name, String why) implements Check {}
}
