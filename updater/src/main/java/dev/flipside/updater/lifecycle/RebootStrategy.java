package dev.flipside.updater.lifecycle;

/** Whether, and when, a host reboots by itself once a release is activated. */
public enum RebootStrategy {
    /** The operator reboots. */
    NEVER("never"),
    /** As soon as the release is activated. */
    IMMEDIATELY("immediately"),
    /** When a maintenance window is open. */
    WINDOW("window"),
    /** Somebody else does, as kured, who is told by a file. */
    SENTINEL("sentinel");

    private final String code;

    RebootStrategy(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
