package dev.flipside.integration.scenario;

import dev.flipside.updater.lifecycle.RollbackReason;
import dev.flipside.updater.lifecycle.Rule;
import java.util.Arrays;
import java.util.List;

/** The names by which a host tells what it is doing, and why: a misspelt one would never come. */
public final class States {
    /** As {@code docs/reference/lifecycle.md} has them. */
    static final List<String> NAMES =
            List.of(
                    "idle",
                    "checking",
                    "held",
                    "staging",
                    "staged",
                    "activating",
                    "reboot-pending",
                    "trial",
                    "committed",
                    "rolled-back");

    /** While the host is in one of these, something is still to come. */
    public static final List<String> UNDER_WAY =
            List.of("checking", "staging", "activating", "reboot-pending", "trial");

    /** Of a host that has made another release its next boot, or did so before it booted it. */
    public static final List<String> ACTIVATED =
            List.of("activating", "reboot-pending", "trial", "committed", "rolled-back");

    static final List<String> RULES = Arrays.stream(Rule.values()).map(Rule::code).toList();

    static final List<String> CAUSES =
            Arrays.stream(RollbackReason.Cause.values()).map(RollbackReason.Cause::code).toList();

    private States() {}
}
