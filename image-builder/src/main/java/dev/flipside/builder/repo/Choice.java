package dev.flipside.builder.repo;

import dev.flipside.release.Architecture;
import java.util.Optional;

/** Which product, architecture and channel are meant; empty where any is. */
public record Choice(
        Optional<String> product, Optional<Architecture> architecture, Optional<String> channel) {
    public static final Choice ANY =
            new Choice(Optional.empty(), Optional.empty(), Optional.empty());

    boolean is(String aProduct, Architecture anArchitecture) {
        return product.map(aProduct::equals).orElse(true)
                && architecture.map(wanted -> wanted == anArchitecture).orElse(true);
    }

    boolean is(String aProduct, Architecture anArchitecture, String aChannel) {
        return is(aProduct, anArchitecture) && channel.map(aChannel::equals).orElse(true);
    }
}
