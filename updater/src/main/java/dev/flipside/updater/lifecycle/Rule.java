package dev.flipside.updater.lifecycle;

/**
 * Everything that can hold an update back, in the order in which it is asked. A code is stable:
 * state, API, commands and documentation share it.
 */
public enum Rule {
    HOLD("hold", "the operator has not put updates on hold"),
    PIN("pin", "the version is the pinned one, where one is pinned"),
    CONFIGURATION("configuration", "what the operator has configured is understood"),
    NEWER_MANIFEST("newer-manifest", "this updater can read the release's manifest"),
    WRONG_PRODUCT("wrong-product", "the release is of this host's product"),
    WRONG_ARCHITECTURE(
            "wrong-architecture", "the release is for this host's architecture and layout"),
    WITHDRAWN("withdrawn", "the channel has not withdrawn the release"),
    WAVE("wave", "the rollout of the release has come to this host"),
    MINIMUM_AGE("minimum-age", "the release is as old as the policy asks"),
    FLOOR("floor", "the release is not below the security floor"),
    REJECTED("rejected", "the release was not undone on this host before"),
    SAME_ROOT_HASH("same-root-hash", "the release is not the very image that runs"),
    WINDOW("window", "a maintenance window is open"),
    NOT_COMMITTED("not-committed", "the release that runs is committed"),
    FOREIGN_BOOT_ENTRY("foreign-boot-entry", "the boot menu has only our entries, and no default"),
    DISK_NOT_GROWN("disk-not-grown", "the second partition table is at the end of the disk"),
    TEMPORARY_STATE("temporary-state", "what the host writes to /var is there after a reboot"),
    NO_SLOT_ROOM("no-slot-room", "the inactive slot is large enough"),
    NO_ESP_ROOM("no-esp-room", "the ESP has room for the UKI beside the one that runs"),
    NO_STATE_ROOM("no-state-room", "the state folder has room to write"),
    NOTHING_TO_RETURN_TO("nothing-to-return-to", "the other slot holds a release that can boot"),
    REBOOT_BY_HAND("reboot-by-hand", "the policy lets the host reboot by itself");

    private final String code;
    private final String question;

    Rule(String code, String question) {
        this.code = code;
        this.question = question;
    }

    public String code() {
        return code;
    }

    /** What must be so for the rule to pass. */
    public String question() {
        return question;
    }
}
