package dev.flipside.updater.lifecycle;

/** Whether a host reboots by itself once a release is activated. */
public enum RebootStrategy {
    NEVER("never"),
    IMMEDIATELY("immediately");

    private final String code;

    RebootStrategy(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
