package dev.flipside.updater.cli;

import java.util.List;

/** Every command of {@code flipctl}, in the order in which the help lists them. */
public final class Commands {
    /** The program itself. */
    public static final Command FLIPCTL =
            Command.group(
                    "flipctl",
                    "Updates this host, and explains itself.",
                    List.of(
                            Command.of(
                                    "status",
                                    "Show what runs and what is going on.",
                                    Command.flag(
                                            Watch.OPTION,
                                            "Stay, and show what happens; needs the daemon.")),
                            Command.of("check", "Ask the repository, and decide.")
                                    .withVersion(false),
                            Command.of(
                                            "stage",
                                            "Write a release to the inactive slot, and prove it.",
                                            now())
                                    .withVersion(false),
                            Command.of("activate", "Make what is staged the next boot.", now()),
                            Command.of(
                                            "update",
                                            "Check, stage and activate; reboot if the policy says"
                                                    + " so.",
                                            now())
                                    .withVersion(false),
                            Command.of("reboot", "Restart the machine."),
                            Command.of(
                                    "rollback",
                                    "Return to the other slot, or take an activation back."),
                            Command.of(
                                    "settle",
                                    "After a boot was found good: commit, or record a rollback."),
                            Command.of(
                                            "pin",
                                            "Stay on, or go to, exactly this version.",
                                            Command.option(
                                                    Doing.UNTIL,
                                                    "DATE",
                                                    "When the pin runs out by itself."))
                                    .withVersion(true),
                            Command.of("unpin", "Follow the channel again."),
                            Command.of("hold", "Take no updates."),
                            Command.of("unhold", "Take updates again."),
                            Command.of("allow", "Try a version again that was undone.")
                                    .withVersion(true),
                            Command.of("why", "Explain the last decision, rule by rule."),
                            Command.of("history", "Show what has happened."),
                            Command.of(
                                    "health",
                                    "Run the health checks of the release that runs.",
                                    Command.flag(
                                            Health.TRIAL,
                                            "Judge this boot: write the outcome down, and mark it"
                                                    + " bad if it is.")),
                            Command.of("grow", "Give the host all of a disk that has grown."),
                            Command.of("verify", "Read both slots and check every block."),
                            Command.group(
                                    "config",
                                    "Look at the configuration.",
                                    List.of(
                                            Command.of(
                                                    "check",
                                                    "Check the configuration, and name its files."),
                                            Command.of(
                                                    "show",
                                                    "Show every key, its value, and where that comes from."),
                                            Command.of(
                                                    "reload",
                                                    "Have the daemon read its configuration"
                                                            + " again.")))));

    private Commands() {}

    private static Command.Option now() {
        return Command.flag(Doing.NOW, "Wait for no maintenance window, no wave and no age.");
    }
}
