package dev.flipside.platform;

import java.util.function.Consumer;
import sun.misc.Signal;

/** What init says to this process, by signal(7). The module jdk.unsupported supports it. */
public final class ProcessSignals {
    /** A signal that is not for the JVM itself. */
    public enum Kind {
        /** Stop cleanly. */
        TERM,
        /** Stop cleanly: the key of a terminal. */
        INT,
        /** Read the configuration again. */
        HUP
    }

    private ProcessSignals() {}

    /** Has a listener told, on a thread of the JVM's, from now to the end of the process. */
    public static void on(Kind kind, Consumer<Kind> listener) {
        Signal.handle(new Signal(kind.name()), signal -> listener.accept(kind));
    }
}
