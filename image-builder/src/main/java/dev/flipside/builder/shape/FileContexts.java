package dev.flipside.builder.shape;

import dev.flipside.builder.provenance.TreeDigest;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The labels of an SELinux policy, as libselinux reads them from {@code file_contexts(5)}: the file
 * itself, then {@code .homedirs} and {@code .local} beside it, with the substitutions of paths in
 * {@code .subs} and {@code .subs_dist}.
 *
 * <p>A specification without metacharacters counts before all others; of the rest the last one that
 * matches counts.
 */
final class FileContexts {
    private static final int MAX_BYTES = 64 << 20;
    private static final String NO_LABEL = "<<none>>";
    private static final List<String> MORE = List.of("", ".homedirs", ".local");

    private final Map<String, List<Spec>> exact = new HashMap<>();
    private final List<Spec> patterns = new ArrayList<>();
    private final Path file;
    private final SortedMap<String, String> digests = new TreeMap<>();
    private final Map<String, String> substitutions;
    private final Map<String, String> distributionSubstitutions;

    private FileContexts(Path file) throws FlipsideException {
        this.file = file;
        for (String suffix : MORE) {
            if (suffix.isEmpty() || Files.exists(beside(suffix))) {
                read(suffix);
            }
        }
        this.substitutions = substitutions(".subs");
        this.distributionSubstitutions = substitutions(".subs_dist");
    }

    /**
     * Reads the file, and those beside it.
     *
     * @throws FlipsideException {@code config-invalid} with the line, or {@code input-missing}
     */
    static FileContexts load(Path file) throws FlipsideException {
        return new FileContexts(file);
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** SHA-256 in hex of each file that was read, by what its name has beyond the first one's. */
    SortedMap<String, String> digests() {
        return Collections.unmodifiableSortedMap(digests);
    }

    /**
     * One line.
     *
     * @param stem the literal text before the first metacharacter
     */
    private record Spec(String stem, Optional<Pattern> pattern, char type, String context) {
        boolean matches(String path, char pathType) {
            return (type == ContextPattern.ANY_TYPE || type == pathType)
                    && path.startsWith(stem)
                    && pattern.map(it -> it.matcher(path).matches()).orElse(true);
        }
    }

    /** The label for a path like {@code /usr/bin/env}; none when the policy wants none. */
    Optional<String> contextOf(ByteString path, InodeKind kind) {
        String latin1 = new String(path.toByteArray(), StandardCharsets.ISO_8859_1);
        String key = substitute(distributionSubstitutions, substitute(substitutions, latin1));
        char type = typeOf(kind);
        Optional<Spec> found = last(exact.getOrDefault(key, List.of()), key, type);
        return found.or(() -> last(patterns, key, type))
                .map(Spec::context)
                .filter(context -> !context.equals(NO_LABEL));
    }

    private static Optional<Spec> last(List<Spec> specs, String path, char type) {
        for (Spec spec : specs.reversed()) {
            if (spec.matches(path, type)) {
                return Optional.of(spec);
            }
        }
        return Optional.empty();
    }

    /** The letters of {@code file_contexts(5)}, which are those of {@code ls -l}. */
    private static char typeOf(InodeKind kind) {
        return switch (kind) {
            case InodeKind.RegularFile _ -> '-';
            case InodeKind.Directory _ -> 'd';
            case InodeKind.Symlink _ -> 'l';
            case InodeKind.CharacterDevice _ -> 'c';
            case InodeKind.BlockDevice _ -> 'b';
            case InodeKind.Fifo _ -> 'p';
            case InodeKind.Socket _ -> 's';
        };
    }

    private static String substitute(Map<String, String> substitutions, String path) {
        for (Map.Entry<String, String> one : substitutions.entrySet()) {
            String from = one.getKey();
            if (path.equals(from) || path.startsWith(from + "/")) {
                String rest = path.substring(from.length());
                return one.getValue().equals("/") && !rest.isEmpty() ? rest : one.getValue() + rest;
            }
        }
        return path;
    }

    private Map<String, String> substitutions(String suffix) throws FlipsideException {
        Map<String, String> found = new LinkedHashMap<>();
        if (Files.exists(beside(suffix))) {
            // The last line that applies counts, as in libselinux.
            for (String line : lines(suffix).reversed()) {
                String[] words = line.strip().split("\\s+");
                if (words.length >= 2 && !words[0].startsWith("#")) {
                    found.putIfAbsent(words[0], words[1]);
                }
            }
        }
        return found;
    }

    private void read(String suffix) throws FlipsideException {
        List<String> lines = lines(suffix);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(line.split("\\s+"), beside(suffix) + ", line " + (i + 1));
            }
        }
    }

    private void add(String[] words, String place) throws FlipsideException {
        boolean typed = words.length == 3;
        if (!typed && words.length != 2) {
            throw refused(
                    place, "a pattern, a type where wanted, and a context", line(words), null);
        }
        char type = typed ? type(words[1], place) : ContextPattern.ANY_TYPE;
        String context = words[words.length - 1];
        ContextPattern pattern = new ContextPattern(words[0]);
        Optional<String> literal = pattern.literal();
        if (literal.isPresent()) {
            exact.computeIfAbsent(literal.get(), _ -> new ArrayList<>())
                    .add(new Spec("", Optional.empty(), type, context));
            return;
        }
        try {
            Pattern regex = Pattern.compile(pattern.regex(), Pattern.DOTALL);
            patterns.add(new Spec(pattern.stem(), Optional.of(regex), type, context));
        } catch (PatternSyntaxException e) {
            throw refused(place, "a regular expression", "'" + words[0] + "'", e);
        }
    }

    private static char type(String word, String place) throws FlipsideException {
        if (!word.matches("-[-dlcbps]")) {
            throw refused(place, "a type of --, -d, -l, -c, -b, -p or -s", "'" + word + "'", null);
        }
        return word.charAt(1);
    }

    private static String line(String[] words) {
        return "'" + String.join(" ", words) + "'";
    }

    private List<String> lines(String suffix) throws FlipsideException {
        Path one = beside(suffix);
        try (InputStream in = Files.newInputStream(one)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw refused(one.toString(), "at most " + MAX_BYTES + " bytes", "more", null);
            }
            digests.put(suffix, HexFormat.of().formatHex(TreeDigest.sha256().digest(bytes)));
            return new String(bytes, StandardCharsets.ISO_8859_1).lines().toList();
        } catch (IOException e) {
            throw new FlipsideException(
                    new Failure(
                            FailureCode.INPUT_MISSING,
                            one.toString(),
                            "a file_contexts of an SELinux policy",
                            Files.exists(one) ? e.toString() : "nothing there",
                            "check --selinux-contexts"),
                    e);
        }
    }

    private static FlipsideException refused(
            String place, String expected, String found, Exception cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.CONFIG_INVALID,
                        place,
                        expected,
                        found,
                        "take the file as the policy's build wrote it"),
                cause);
    }
}
