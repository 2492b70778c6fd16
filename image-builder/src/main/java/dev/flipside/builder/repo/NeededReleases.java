package dev.flipside.builder.repo;

import dev.flipside.release.Version;
import dev.flipside.repository.Channel;
import dev.flipside.repository.Channel.Pointer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which releases have to stay. Pure.
 *
 * @param pinWindow how many of the newest releases of a product and architecture hosts may be
 *     pinned to
 * @param kept versions that stay whatever is so, as the bases of deltas
 */
record NeededReleases(Collection<Channel> channels, int pinWindow, Set<String> kept) {

    /** Those of the releases that nobody needs, in their order. */
    List<ReleaseTarget> notNeeded(List<ReleaseTarget> releases) {
        return releases.stream().filter(release -> !isNeeded(release, releases)).toList();
    }

    private boolean isNeeded(ReleaseTarget release, List<ReleaseTarget> releases) {
        List<Channel> own =
                channels.stream()
                        .filter(channel -> channel.product().equals(release.product()))
                        .filter(channel -> channel.architecture() == release.architecture())
                        .toList();
        boolean named =
                own.stream()
                        .flatMap(NeededReleases::named)
                        .anyMatch(pointer -> pointer.version().equals(release.version()));
        return named
                || kept.contains(release.version())
                || (!isWithdrawn(release, own) && isRecent(release, releases, own));
    }

    private static Stream<Pointer> named(Channel channel) {
        return Stream.concat(Stream.of(channel.release()), channel.steppingStones().stream());
    }

    private static boolean isWithdrawn(ReleaseTarget release, List<Channel> channels) {
        return channels.stream()
                .flatMap(channel -> channel.withdrawn().stream())
                .anyMatch(pointer -> pointer.version().equals(release.version()));
    }

    private boolean isRecent(
            ReleaseTarget release, List<ReleaseTarget> releases, List<Channel> channels) {
        List<ReleaseTarget> same = new ArrayList<>(releases);
        same.removeIf(
                other ->
                        !other.product().equals(release.product())
                                || other.architecture() != release.architecture()
                                || isWithdrawn(other, channels));
        same.sort(Comparator.comparing(ReleaseTarget::version, Version.ORDER).reversed());
        return same.indexOf(release) < pinWindow;
    }
}
