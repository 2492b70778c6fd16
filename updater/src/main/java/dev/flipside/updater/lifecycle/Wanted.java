package dev.flipside.updater.lifecycle;

import java.util.Optional;

/**
 * The version that a host should go to, before any rule was asked.
 *
 * @param offered what the channel says, when it could be asked
 */
public record Wanted(String version, By by, Optional<Offer> offered) {

    /**
     * What a channel says.
     *
     * @param securityFloor the lowest security version that hosts on the channel may go to
     */
    public record Offer(String version, int securityFloor) {}

    /** Who names the version. */
    public enum By {
        OPERATOR("the operator"),
        PIN("the pin"),
        CHANNEL("the channel");

        private final String words;

        By(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /**
     * An operator's explicit wish goes before the pin, which then refuses it; the pin goes before
     * the channel. Empty when nobody names a version.
     */
    public static Optional<Wanted> of(
            Policy policy, Optional<String> requested, Optional<Offer> offered) {
        return requested
                .map(version -> new Wanted(version, By.OPERATOR, offered))
                .or(() -> policy.pin().map(version -> new Wanted(version, By.PIN, offered)))
                .or(() -> offered.map(it -> new Wanted(it.version(), By.CHANNEL, offered)));
    }
}
