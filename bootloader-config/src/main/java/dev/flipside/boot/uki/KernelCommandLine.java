package dev.flipside.boot.uki;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The words of a kernel command line: separated by white space, except within double quotes, as the
 * kernel's {@code next_arg} takes them apart.
 */
public record KernelCommandLine(String text) {

    /** The value of the last word {@code key=value}. */
    public Optional<String> value(String key) {
        return words().stream()
                .filter(word -> word.startsWith(key + "="))
                .map(word -> word.substring(key.length() + 1))
                .reduce((first, second) -> second);
    }

    /** Whether a word stands there as it is, as {@code gpt} or {@code ro}. */
    public boolean has(String word) {
        return words().contains(word);
    }

    /** All words, without their quotes. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean blank = c == ' ' || (c >= '\t' && c <= '\r');
            if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (blank && !quoted) {
                addWord(words, word, begun);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        addWord(words, word, begun);
        return List.copyOf(words);
    }

    private static void addWord(List<String> words, StringBuilder word, boolean begun) {
        if (begun) {
            words.add(word.toString());
            word.setLength(0);
        }
    }
}
