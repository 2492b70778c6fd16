package dev.flipside.updater.health;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Units of systemd are active, and none has failed.
 *
 * @param active units that must be; in the soak, they must not start again either
 * @param noneFailed whether no other unit may have failed
 * @param ignore units that may have
 */
public record UnitsCheck(
        CheckTerms terms, List<String> active, boolean noneFailed, List<String> ignore)
        implements HealthCheck {
    public UnitsCheck {
        Objects.requireNonNull(terms);
        active = List.copyOf(active);
        ignore = List.copyOf(ignore);
    }

    @Override
    public HealthResult run(Surroundings machine) {
        try {
            List<String> wrong = new ArrayList<>();
            if (!active.isEmpty()) {
                for (UnitState unit : machine.units(active, terms.timeout())) {
                    if (!unit.active().equals("active")) {
                        wrong.add(
                                "expected %s active, found %s".formatted(unit.name(), words(unit)));
                    }
                }
            }
            if (noneFailed) {
                machine.failedUnits(terms.timeout()).stream()
                        .filter(unit -> !ignore.contains(unit))
                        .forEach(unit -> wrong.add("%s has failed".formatted(unit)));
            }
            return wrong.isEmpty()
                    ? terms.passed("units are as they should be")
                    : terms.failed(String.join(", ", wrong));
        } catch (IOException e) {
            return terms.failed("expected to ask systemd, found %s".formatted(e.getMessage()));
        }
    }

    private static String words(UnitState unit) {
        return unit.load().equals("loaded")
                ? "%s (%s)".formatted(unit.active(), unit.sub())
                : unit.load();
    }
}
