package dev.flipside.integration.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One thing that is done to the machine, or that must be so. */
public sealed interface Step {
    /** The value of {@code do}. */
    String word();

    /** How far a step goes that starts something. */
    enum Until {
        /** It is asked for, and nothing is waited for. */
        STARTED("started"),
        /** The guest answers. */
        REACHABLE("reachable"),
        /** The release that runs is committed, and nothing is going on. */
        HEALTHY("healthy"),
        /** The next boot is another one. */
        REBOOT_PENDING("reboot-pending");

        private final String word;

        Until(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** Switches the machine on. */
    record Boot(Until until) implements Step {
        @Override
        public String word() {
            return "boot";
        }
    }

    /** Has the guest shut down and start again. */
    record Reboot(Until until) implements Step {
        @Override
        public String word() {
            return "reboot";
        }
    }

    /** Presses the reset button: the guest is not asked. */
    record Reset(Until until) implements Step {
        @Override
        public String word() {
            return "reset";
        }
    }

    /** Pulls the plug. */
    record CutPower(Moment when) implements Step {
        @Override
        public String word() {
            return "cut-power";
        }
    }

    /** When the plug is pulled. */
    sealed interface Moment {
        record Now() implements Moment {}

        record After(Duration delay) implements Moment {}

        /** When the text stands in a line of the serial console. */
        record SerialLine(String text) implements Moment {}

        /** When the updater has come to this state. */
        record State(String name) implements Moment {}
    }

    /** Waits. */
    record Wait(Until until) implements Step {
        @Override
        public String word() {
            return "wait";
        }
    }

    /** The machine must neither reset nor switch itself off for a while. */
    record Stay(Duration length) implements Step {
        @Override
        public String word() {
            return "stay";
        }
    }

    /**
     * Updates.
     *
     * @param version what the channel names unless given
     * @param refused in the failure that must come instead
     */
    record Update(Optional<String> version, Until until, Optional<String> refused) implements Step {
        public Update {
            Objects.requireNonNull(version);
            Objects.requireNonNull(refused);
        }

        @Override
        public String word() {
            return "update";
        }
    }

    /** Returns to the other slot. */
    record Rollback(Until until, Optional<String> refused) implements Step {
        public Rollback {
            Objects.requireNonNull(refused);
        }

        @Override
        public String word() {
            return "rollback";
        }
    }

    /**
     * Any other command of {@code flipctl} that changes something.
     *
     * @param verb with nothing before it
     */
    record Flipctl(String verb, Optional<String> version, Optional<String> refused)
            implements Step {
        public Flipctl {
            Objects.requireNonNull(version);
            Objects.requireNonNull(refused);
        }

        @Override
        public String word() {
            return verb;
        }
    }

    /**
     * Runs a command of the guest's shell, as root.
     *
     * @param contains texts that its output must have
     * @param lacks texts that its output must not have
     */
    record Run(String command, int exitCode, List<String> contains, List<String> lacks)
            implements Step {
        public Run {
            contains = List.copyOf(contains);
            lacks = List.copyOf(lacks);
        }

        @Override
        public String word() {
            return "run";
        }
    }

    /** Pulls the network cable, or plugs it in. */
    record Network(boolean connected) implements Step {
        @Override
        public String word() {
            return "network";
        }
    }

    /** Serves another repository at the same address. */
    record Serve(String folder) implements Step {
        @Override
        public String word() {
            return "serve";
        }
    }

    /** Plugs in a disk that has a folder on it, as one would a USB stick. */
    record PlugDisk(String folder) implements Step {
        @Override
        public String word() {
            return "plug-disk";
        }
    }

    /** Waits until all that is given is so. */
    record Expect(List<Expectation> all) implements Step {
        public Expect {
            all = List.copyOf(all);
        }

        @Override
        public String word() {
            return "expect";
        }
    }
}
