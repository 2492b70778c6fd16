package dev.flipside.tuf;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which keys may sign for a role, and how many distinct ones have to (TUF 1.0, section 4.3). A
 * threshold above the number of keys is legal, and can never be met.
 *
 * @param threshold at least 1
 */
public record RoleKeys(Set<String> keyIds, int threshold) {
    public RoleKeys {
        if (threshold < 1) {
            throw new IllegalArgumentException("threshold " + threshold);
        }
        keyIds = Collections.unmodifiableSet(new LinkedHashSet<>(keyIds));
    }
}
