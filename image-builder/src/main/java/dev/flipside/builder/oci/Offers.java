package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The images in one input, of which one is picked. */
final class Offers {
    private static final int MAX_SHOWN = 8;
    private static final int MAX_SHOWN_CHARS = 100;

    private final ImageRefusal refusal;
    private final Map<String, Offer> byId = new LinkedHashMap<>();

    Offers(ImageRefusal refusal) {
        this.refusal = refusal;
    }

    private record Offer(String id, Set<String> names, Platform platform) {
        boolean matches(ImageChoice choice) {
            return choice.reference().map(this::isCalled).orElse(true)
                    && choice.platform().map(platform::matches).orElse(true);
        }

        private boolean isCalled(String reference) {
            return names.contains(reference) || id.equals(reference);
        }

        @Override
        public String toString() {
            String name = names.isEmpty() ? id : String.join(" = ", names);
            String shown =
                    name.length() <= MAX_SHOWN_CHARS
                            ? name
                            : name.substring(0, MAX_SHOWN_CHARS) + "...";
            return shown + " (" + platform + ")";
        }
    }

    /** An image under several names is offered once, with all of them. */
    void add(String id, Collection<String> names, Platform platform) {
        byId.computeIfAbsent(id, _ -> new Offer(id, new TreeSet<>(), platform))
                .names()
                .addAll(names);
    }

    /** The ID of the one image that the choice leaves. */
    String pick(ImageChoice choice) throws FlipsideException {
        if (byId.isEmpty()) {
            throw refusal.malformed("images", "one", "none");
        }
        List<Offer> matching = new ArrayList<>(byId.values());
        matching.removeIf(offer -> !offer.matches(choice));
        if (matching.isEmpty()) {
            throw refusal.notOffered(wanted(choice), shown(byId.values()));
        }
        if (matching.size() > 1) {
            throw refusal.ambiguous(matching.size(), shown(matching));
        }
        return matching.getFirst().id();
    }

    private static String wanted(ImageChoice choice) {
        return "image"
                + choice.reference().map(reference -> " '" + reference + "'").orElse("")
                + choice.platform().map(platform -> " for '" + platform + "'").orElse("");
    }

    private static String shown(Collection<Offer> offers) {
        return offers.stream()
                        .limit(MAX_SHOWN)
                        .map(Offer::toString)
                        .collect(Collectors.joining(", "))
                + (offers.size() > MAX_SHOWN ? ", ..." : "");
    }
}
