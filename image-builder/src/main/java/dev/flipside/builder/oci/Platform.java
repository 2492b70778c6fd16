package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.Locale;

/** What an image runs on, in the names of Go: {@code linux}, {@code arm64}, {@code v8}. */
record Platform(String os, String architecture, String variant) {

    static Platform parse(JsonFields fields) throws FlipsideException {
        return new Platform(
                fields.string("os"),
                fields.string("architecture"),
                fields.has("variant") ? fields.string("variant") : "");
    }

    /** Whether it is the wanted one, which may leave out operating system and variant. */
    boolean matches(String wanted) {
        String[] parts = wanted.toLowerCase(Locale.ROOT).split("/", -1);
        if (parts.length == 1) {
            return architecture.equals(goName(parts[0]));
        }
        return parts.length <= 3
                && os.equals(parts[0])
                && architecture.equals(goName(parts[1]))
                && (parts.length == 2 || variant.equals(parts[2]));
    }

    private static String goName(String architecture) {
        return switch (architecture) {
            case "x86-64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> architecture;
        };
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
