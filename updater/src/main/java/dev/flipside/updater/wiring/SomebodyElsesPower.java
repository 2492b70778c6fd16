package dev.flipside.updater.wiring;

import dev.flipside.updater.coordinator.Power;
import java.io.IOException;

/** The power button of a file-backed host is somebody else's, who may look at its sentinel. */
final class SomebodyElsesPower implements Power {
    private final RebootSentinel sentinel;

    SomebodyElsesPower(RebootSentinel sentinel) {
        this.sentinel = sentinel;
    }

    @Override
    public boolean reboot() {
        return false;
    }

    @Override
    public void announce(boolean wanted) throws IOException {
        sentinel.announce(wanted);
    }
}
