package dev.flipside.builder.sbom;

import dev.flipside.failure.FlipsideException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.sqlite.SQLiteConfig;

/**
 * Reads the packages of an RPM database in SQLite: table {@code Packages}, of which each row has a
 * number and the {@link RpmHeader header} of a package.
 *
 * <p>The database is a copy that nobody else has: one in write-ahead mode is recovered as it is
 * opened, and that writes. What reading it allocates and how long it takes is bounded by the size
 * of a header and the number of packages: SQLite refuses pages without rows.
 */
final class RpmDatabase {
    private static final int MAX_HEADER_BYTES = 32 << 20;
    private static final int CACHE_KIB = 4096;
    private static final String TABLE =
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'Packages'"
                    + " AND rootpage > 1";
    private static final String ROWS = "SELECT hnum, blob FROM Packages ORDER BY hnum";

    private RpmDatabase() {}

    /**
     * Adds every package of the database.
     *
     * @param what names the database in a refusal
     */
    static void read(Path copy, String what, PackageList packages) throws FlipsideException {
        SQLiteConfig config = new SQLiteConfig();
        config.setPragma(SQLiteConfig.Pragma.LIMIT_LENGTH, Integer.toString(MAX_HEADER_BYTES));
        String url = "jdbc:sqlite:" + copy.toUri().toString().replaceFirst("^file:/+", "file:///");
        try (Connection connection = config.createConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA trusted_schema = OFF");
            statement.execute("PRAGMA cell_size_check = ON");
            statement.execute("PRAGMA cache_size = -" + CACHE_KIB);
            requireTable(statement, what);
            try (ResultSet rows = statement.executeQuery(ROWS)) {
                read(rows, what, packages);
            }
        } catch (SQLException e) {
            throw DatabaseRefusal.because(
                    what, "a whole SQLite database", String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireTable(Statement statement, String what)
            throws SQLException, FlipsideException {
        try (ResultSet count = statement.executeQuery(TABLE)) {
            if (!count.next() || count.getInt(1) != 1) {
                throw DatabaseRefusal.because(what, "a table 'Packages'", "none");
            }
        }
    }

    private static void read(ResultSet rows, String what, PackageList packages)
            throws SQLException, FlipsideException {
        int number = 0;
        while (rows.next()) {
            if (++number > PackageList.MAX_PACKAGES) {
                throw DatabaseRefusal.because(
                        what, "at most " + PackageList.MAX_PACKAGES + " packages", "more");
            }
            String header = String.format(Locale.ROOT, "%s, header %d", what, rows.getLong(1));
            byte[] blob = rows.getBytes(2);
            packages.add(RpmHeader.parse(blob == null ? new byte[0] : blob, header));
        }
    }
}
