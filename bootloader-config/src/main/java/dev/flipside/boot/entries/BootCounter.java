package dev.flipside.boot.entries;

/**
 * The boot counter in an entry's file name, {@code +LEFT-DONE} (Boot Loader Specification, "Boot
 * counting"; systemd, automatic boot assessment).
 *
 * @param left how often the loader may still try the entry; 0 is bad
 * @param done how often it has tried
 */
public record BootCounter(int left, int done) {
    /** How many tries an entry of ours gets; shipped as {@code +3-0}, so that names never grow. */
    public static final int TRIES = 3;

    public BootCounter {
        if (left < 0 || done < 0) {
            throw new IllegalArgumentException("boot counter +%d-%d".formatted(left, done));
        }
    }

    /** The counter of an entry that nobody has tried yet. */
    public static BootCounter fresh(int tries) {
        return new BootCounter(tries, 0);
    }

    public boolean isBad() {
        return left == 0;
    }

    /**
     * After the loader has started the entry: whether it had no tries left even before, so that no
     * other entry can boot either.
     */
    public boolean isExhausted() {
        return isBad() && done != TRIES;
    }

    /** What the loader makes of it when it starts the entry. */
    public BootCounter countedDown() {
        return new BootCounter(Math.max(left - 1, 0), done == Integer.MAX_VALUE ? done : done + 1);
    }

    /** What systemd-bless-boot makes of it when the boot was bad. */
    public BootCounter bad() {
        return new BootCounter(0, done);
    }

    @Override
    public String toString() {
        return "+%d-%d".formatted(left, done);
    }
}
