package dev.flipside.updater.lifecycle;

/** When a release is written to the inactive slot, which is where the host could roll back to. */
public enum StagingTime {
    AT_ONCE("at-once"),
    WINDOW("window");

    private final String code;

    StagingTime(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
