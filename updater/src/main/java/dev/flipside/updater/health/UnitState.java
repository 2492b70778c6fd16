package dev.flipside.updater.health;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a unit of systemd stands.
 *
 * @param load {@code loaded}, or {@code not-found}
 * @param active {@code active}, {@code activating}, {@code failed} and others
 * @param restarts how often systemd has started it again by itself; 0 for what is no service
 */
public record UnitState(String name, String load, String active, String sub, long restarts) {
    /** The properties that are read, for {@code systemctl show --property=}. */
    static final String PROPERTIES = "Id,LoadState,ActiveState,SubState,NRestarts";

    /**
     * Reads what {@code systemctl show} prints: a block of {@code KEY=VALUE} for each unit, in the
     * order in which they were asked for, with an empty line between two.
     */
    static List<UnitState> parse(List<String> names, String output) {
        List<UnitState> states = new ArrayList<>();
        String[] blocks = output.strip().split("\n\n+");
        for (int i = 0; i < names.size(); i++) {
            Map<String, String> values = new HashMap<>();
            if (i < blocks.length) {
                for (String line : blocks[i].split("\n")) {
                    int equals = line.indexOf('=');
                    if (equals > 0) {
                        values.put(line.substring(0, equals), line.substring(equals + 1));
                    }
                }
            }
            String restarts = values.getOrDefault("NRestarts", "");
            states.add(
                    new UnitState(
                            names.get(i),
                            values.getOrDefault("LoadState", "unknown"),
                            values.getOrDefault("ActiveState", "unknown"),
                            values.getOrDefault("SubState", "unknown"),
                            restarts.matches("[0-9]{1,9}") ? Long.parseLong(restarts) : 0));
        }
        return states;
    }
}
