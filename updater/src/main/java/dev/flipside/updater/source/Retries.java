package dev.flipside.updater.source;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.security.cert.CertificateException;
import java.time.Duration;

/**
 * Tries again what broke, within {@link SourceLimits}: after a try that got on, at once; after
 * others in a row, with waits that double.
 */
final class Retries {
    private final String what;
    private final SourceLimits limits;
    private final Waiter waiter;

    Retries(String what, SourceLimits limits, Waiter waiter) {
        this.what = what;
        this.limits = limits;
        this.waiter = waiter;
    }

    /** One try; it tells how far it came even when it breaks. */
    @FunctionalInterface
    interface Try<T> {
        T run(Progress progress) throws FlipsideException, BrokenTransfer, InterruptedException;
    }

    /** The bytes that one try has brought for good. */
    static final class Progress {
        private long bytes;

        void add(long moreBytes) {
            bytes += moreBytes;
        }
    }

    <T> T until(Try<T> attempt) throws FlipsideException {
        try {
            int failures = 0;
            while (true) {
                Progress progress = new Progress();
                try {
                    return attempt.run(progress);
                } catch (BrokenTransfer e) {
                    boolean gotOn = progress.bytes >= SourceLimits.PROGRESS_BYTES;
                    failures = gotOn ? 0 : failures + 1;
                    giveUpWhereUseless(failures, e);
                    waitBeforeTheNext(failures, e.wanted());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw SourceFailures.unreachable(what, "an interruption", e);
        }
    }

    private void giveUpWhereUseless(int failures, BrokenTransfer broken) throws FlipsideException {
        if (isRefusedCertificate(broken)) {
            throw SourceFailures.failure(
                    FailureCode.SOURCE_UNREACHABLE,
                    what,
                    "a TLS connection to a server that this host trusts",
                    broken.getMessage(),
                    "correct [source] url, the server's certificate, or the host's clock",
                    broken);
        }
        if (failures >= limits.attempts()) {
            throw SourceFailures.unreachable(
                    what,
                    "%s; that was try %d without progress".formatted(broken.getMessage(), failures),
                    broken);
        }
    }

    // Not any failure of TLS: a connection that is cut in the middle of a record is one, too.
    private static boolean isRefusedCertificate(Throwable broken) {
        Throwable cause = broken;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            if (cause instanceof CertificateException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private void waitBeforeTheNext(int failures, Duration wanted) throws InterruptedException {
        Duration own = failures == 0 ? Duration.ZERO : limits.delayAfter(failures);
        Duration longer = own.compareTo(wanted) < 0 ? wanted : own;
        Duration bounded = longer.compareTo(limits.maxDelay()) > 0 ? limits.maxDelay() : longer;
        if (!bounded.isZero()) {
            waiter.waitFor(bounded);
        }
    }
}
