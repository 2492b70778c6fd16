package dev.flipside.updater.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ADDRESS:PORT} of this machine alone, in digits: no name is ever looked up. */
final class LoopbackAddress {
    private static final Pattern FORM =
            Pattern.compile("(127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(?::(\\d{1,5}))");
    private static final int MAX_PORT = 65535;

    private LoopbackAddress() {}

    /** Empty when the text is no such thing; port 0 takes any that is free. */
    static Optional<InetSocketAddress> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > MAX_PORT) {
            return Optional.empty();
        }
        try {
            InetAddress address =
                    matcher.group(1).startsWith("[")
                            ? InetAddress.ofLiteral("::1")
                            : Inet4Address.ofLiteral(matcher.group(1));
            return Optional.of(new InetSocketAddress(address, Integer.parseInt(matcher.group(2))))
                    .filter(it -> it.getAddress().isLoopbackAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
