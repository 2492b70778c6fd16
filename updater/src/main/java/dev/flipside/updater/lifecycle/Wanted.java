package dev.flipside.updater.lifecycle;

import dev.flipside.release.Version;
import dev.flipside.repository.Channel;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
     * @param steppingStones the versions that no host may skip, from the oldest to the newest
     * @param withdrawn digests of the manifests of releases that nobody may go to
     * @param waves who may go there from when on; empty: everyone, now
     */
    public record Offer(
            String version,
            int securityFloor,
            List<String> steppingStones,
            Set<String> withdrawn,
            List<Channel.Wave> waves) {
        public Offer {
            steppingStones = List.copyOf(steppingStones);
            withdrawn = Set.copyOf(withdrawn);
            waves = List.copyOf(waves);
        }

        /** An offer that every host can take from where it is. */
        public Offer(String version, int securityFloor) {
            this(version, securityFloor, List.of(), Set.of(), List.of());
        }
    }

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

    /**
     * The next version on the way to what the channel offers: the first stepping stone above the
     * one that runs, as only that one is sure to understand what comes after it. What an operator
     * or a pin names is taken as it is.
     */
    public Wanted over(Optional<String> running) {
        if (by != By.CHANNEL || running.isEmpty() || offered.isEmpty()) {
            return this;
        }
        return offered.get().steppingStones().stream()
                .filter(stone -> Version.ORDER.compare(running.get(), stone) < 0)
                .filter(stone -> Version.ORDER.compare(stone, version) < 0)
                .min(Version.ORDER)
                .map(stone -> new Wanted(stone, by, offered))
                .orElse(this);
    }
}
