package dev.flipside.builder.sbom;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;

/** Why a package database is refused: an SBOM that leaves packages out is worse than none. */
final class DatabaseRefusal {
    private static final String ACTION = "repair the database, or build the root file system again";

    private DatabaseRefusal() {}

    static FlipsideException because(String database, String expected, String found) {
        return because(database, expected, found, null);
    }

    static FlipsideException because(
            String database, String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.PACKAGE_DATABASE_MALFORMED,
                        "package database " + database,
                        expected,
                        found,
                        ACTION),
                cause);
    }
}
