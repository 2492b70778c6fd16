package dev.flipside.updater.source;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Hosts that are asked without a proxy, as {@code no_proxy} lists them: {@code example.org} with
 * all names below it (a dot in front changes nothing), an address, a network as {@code 10.0.0.0/8},
 * or {@code *} for all. No name is looked up.
 */
record DirectHosts(List<String> entries) {
    static DirectHosts of(List<String> entries) {
        return new DirectHosts(
                entries.stream()
                        .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
                        .filter(entry -> !entry.isEmpty())
                        .toList());
    }

    /**
     * Whether this host is one of them.
     *
     * @param host a name or an address, as a URL has it
     */
    boolean contains(String host) {
        String name = unbracketed(host.toLowerCase(Locale.ROOT));
        Optional<byte[]> address = address(name);
        return entries.stream().anyMatch(entry -> matches(unbracketed(entry), name, address));
    }

    private static boolean matches(String entry, String name, Optional<byte[]> address) {
        if (entry.equals("*") || entry.equals(name)) {
            return true;
        }
        if (address.isPresent()) {
            return isInNetwork(entry, address.get());
        }
        String suffix = entry.startsWith("*.") ? entry.substring(1) : entry;
        return suffix.startsWith(".")
                ? name.endsWith(suffix) || name.equals(suffix.substring(1))
                : name.endsWith("." + suffix);
    }

    private static boolean isInNetwork(String entry, byte[] address) {
        int slash = entry.indexOf('/');
        Optional<byte[]> network = address(slash < 0 ? entry : entry.substring(0, slash));
        if (network.isEmpty() || network.get().length != address.length) {
            return false;
        }
        int bits = address.length * 8;
        if (slash >= 0) {
            String text = entry.substring(slash + 1);
            if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > bits) {
                return false;
            }
            bits = Integer.parseInt(text);
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % 8;
            if (((network.get()[bit / 8] ^ address[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    private static Optional<byte[]> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException e) {
            // A name.
            return Optional.empty();
        }
    }

    private static String unbracketed(String text) {
        return text.startsWith("[") && text.endsWith("]")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
