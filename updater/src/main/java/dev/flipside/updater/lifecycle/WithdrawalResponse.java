package dev.flipside.updater.lifecycle;

/** What a host does when the channel withdraws the release that runs. */
public enum WithdrawalResponse {
    /** Nothing but say so; it updates as at any other time. */
    STAY("stay"),
    /** Leaves in its next window, whatever waves and the age of the release say. */
    WINDOW("window"),
    /** Leaves now, outside its windows too. */
    AT_ONCE("at-once");

    private final String code;

    WithdrawalResponse(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }
}
