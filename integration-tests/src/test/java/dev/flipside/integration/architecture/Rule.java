package dev.flipside.integration.architecture;

import com.tngtech.archunit.lang.ArchRule;

/**
 * One rule of the house, with a class that breaks it: a rule that cannot fail holds nothing.
 *
 * @param counterexample source text of a class that the rule must refuse
 */
record Rule(String name, ArchRule rule, String counterexample) {
    @Override
    public String toString() {
        return name;
    }
}
