package dev.flipside.updater.lifecycle;

/** How far the boot that is running has been accepted; told from the ESP and the loader alone. */
public enum BootStanding {
    /** Its entry still counts tries. */
    UNDER_TRIAL("under trial"),
    /** Its entry counts tries, and the loader that booted it does not: nobody judges it. */
    UNCOUNTED("on a trial that its boot loader does not count"),
    /** Its entry was marked good, and the next boot is not armed yet. */
    GOOD("good, and not committed yet"),
    /** The next boot of the same slot is armed. */
    COMMITTED("committed"),
    /** The loader names no entry of ours. */
    UNKNOWN("not booted through an entry of Flipside");

    private final String words;

    BootStanding(String words) {
        this.words = words;
    }

    /** Whether the release that runs is neither kept nor undone yet. */
    public boolean onTrial() {
        return this == UNDER_TRIAL || this == UNCOUNTED;
    }

    public String words() {
        return words;
    }
}
