package dev.flipside.builder.sbom;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads license expressions of SPDX 2.3, annex D: identifiers of SPDX's list, {@code +}, {@code
 * WITH}, {@code AND}, {@code OR}, parentheses, and {@code LicenseRef-…}. Total: what is none gives
 * an empty result.
 */
final class LicenseExpression {
    private static final Pattern TOKEN = Pattern.compile("\\s*([()]|[^\\s()]+)");
    private static final Pattern REFERENCE = Pattern.compile("LicenseRef-[A-Za-z0-9.-]+");
    private static final int MAX_LENGTH = 1 << 14;
    private static final int MAX_DEPTH = 32;

    private final List<String> tokens;
    private final String origin;
    private final SortedMap<String, String> references = new TreeMap<>();
    private final StringBuilder text = new StringBuilder();
    private int at;

    private LicenseExpression(List<String> tokens, String origin) {
        this.tokens = tokens;
        this.origin = origin;
    }

    /**
     * The expression in SPDX's spelling.
     *
     * @param origin says where a {@code LicenseRef-…} in it is from
     */
    static Optional<License.Expression> parse(String words, String origin) {
        if (words.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(words.strip());
        while (matcher.find()) {
            tokens.add(matcher.group(1));
        }
        LicenseExpression parser = new LicenseExpression(tokens, origin);
        if (!parser.alternatives(0) || parser.at < tokens.size()) {
            return Optional.empty();
        }
        return Optional.of(new License.Expression(parser.text.toString(), parser.references));
    }

    private boolean alternatives(int depth) {
        if (depth > MAX_DEPTH || !terms(depth)) {
            return false;
        }
        while (take("OR")) {
            text.append(" OR ");
            if (!terms(depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean terms(int depth) {
        if (!term(depth)) {
            return false;
        }
        while (take("AND")) {
            text.append(" AND ");
            if (!term(depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean term(int depth) {
        if (take("(")) {
            text.append('(');
            if (!alternatives(depth + 1) || !take(")")) {
                return false;
            }
            text.append(')');
            return true;
        }
        return license() && (!take("WITH") || exception());
    }

    private boolean license() {
        if (at == tokens.size()) {
            return false;
        }
        String token = tokens.get(at++);
        if (REFERENCE.matcher(token).matches()) {
            references.put(token, "What " + origin + " calls " + token + ".");
            text.append(token);
            return true;
        }
        Optional<String> listed = SpdxIdentifiers.license(token);
        if (listed.isEmpty() && token.endsWith("+")) {
            listed =
                    SpdxIdentifiers.license(token.substring(0, token.length() - 1))
                            .map(id -> id + "+");
        }
        listed.ifPresent(text::append);
        return listed.isPresent();
    }

    private boolean exception() {
        Optional<String> listed =
                at == tokens.size()
                        ? Optional.empty()
                        : SpdxIdentifiers.exception(tokens.get(at++));
        listed.ifPresent(id -> text.append(" WITH ").append(id));
        return listed.isPresent();
    }

    private boolean take(String token) {
        if (at == tokens.size() || !tokens.get(at).equals(token)) {
            return false;
        }
        at++;
        return true;
    }
}
