package dev.flipside.updater.api;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/**
 * A request that its peer may make. Nobody else can make one: what runs is what was checked, the
 * very object and not its name.
 */
public final class Authorised {
    private final Request request;
    private final String by;

    private Authorised(Request request, String by) {
        this.request = request;
        this.by = by;
    }

    /** SIGHUP, which only the kernel and root send. */
    public static Authorised reloadBySignal() {
        return new Authorised(new Request.Reload(), "a signal");
    }

    /**
     * Checks that a peer may change the host.
     *
     * @throws FlipsideException {@code access-denied}
     */
    static Authorised of(Request request, Peer peer) throws FlipsideException {
        if (!peer.mayChange()) {
            throw new FlipsideException(
                    FailureCode.ACCESS_DENIED,
                    request.name(),
                    "root",
                    peer.toString(),
                    "run the command as root");
        }
        return new Authorised(request, peer.toString());
    }

    /** Who asked, for the log. */
    public String by() {
        return by;
    }

    public Request request() {
        return request;
    }
}
