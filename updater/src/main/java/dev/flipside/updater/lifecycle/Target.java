package dev.flipside.updater.lifecycle;

import dev.flipside.boot.gpt.DiskLayout.SlotName;
import java.util.Objects;

/** The release that a host is on its way to, and the slot that holds it or is to hold it. */
public record Target(ReleaseRef release, SlotName slot, Intent intent) {
    public Target {
        Objects.requireNonNull(release);
        Objects.requireNonNull(slot);
        Objects.requireNonNull(intent);
    }

    /** Why the host goes there. */
    public enum Intent {
        UPDATE("update"),
        ROLLBACK("rollback");

        private final String code;

        Intent(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }
}
