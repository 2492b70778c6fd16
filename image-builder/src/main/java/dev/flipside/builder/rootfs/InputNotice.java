package dev.flipside.builder.rootfs;

/**
 * Something in a root file system that no image can hold, and that is left out with a word.
 *
 * @param what where it is
 * @param found what it is
 * @param effect what becomes of it
 */
public record InputNotice(String what, String found, String effect) {
    /** For people. */
    public String line() {
        return what + ": found " + found + "; " + effect;
    }
}
