package dev.flipside.integration;

/** What tests are run by. */
final class Tags {
    /** Only with {@code ./test --all}: takes minutes, and adds to what others show already. */
    static final String ALL = "all";

    private Tags() {}
}
