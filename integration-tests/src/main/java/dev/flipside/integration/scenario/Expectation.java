package dev.flipside.integration.scenario;

import java.util.Optional;

/**
 * One thing that must be so.
 *
 * @param what is looked at
 * @param value that must be found there
 */
public record Expectation(What what, String value) {

    /** What a scenario can ask for, by its key. */
    public enum What {
        VERSION("version"),
        SLOT("slot"),
        OTHER_VERSION("other-version"),
        STATE("state"),
        FLOOR("floor"),
        PINNED("pinned"),
        HELD_BY("held-by"),
        UNDONE("undone"),
        CAUSE("cause"),
        EVIDENCE("evidence"),
        HISTORY("history"),
        SERIAL("serial");

        private final String key;

        What(String key) {
            this.key = key;
        }

        public String key() {
            return key;
        }

        public static Optional<What> of(String key) {
            for (What what : values()) {
                if (what.key.equals(key)) {
                    return Optional.of(what);
                }
            }
            return Optional.empty();
        }
    }
}
