package dev.flipside.integration;

/** What tests are run by. */
final class Tags {
    /** Only with {@code ./test --all}: takes minutes. */
    static final String ALL = "all";

    private Tags() {}
}
