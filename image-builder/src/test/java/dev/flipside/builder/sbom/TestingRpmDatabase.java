package dev.flipside.builder.sbom;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/** Makes RPM databases in SQLite. */
final class TestingRpmDatabase implements AutoCloseable {
    private final Connection connection;
    private int number;

    private TestingRpmDatabase(Connection connection) {
        this.connection = connection;
    }

    /** As RPM makes it: in write-ahead mode. */
    static TestingRpmDatabase in(Path file) throws SQLException {
        Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite:" + file);
        TestingRpmDatabase database = new TestingRpmDatabase(connection);
        database.run("PRAGMA journal_mode = WAL");
        database.run("PRAGMA wal_autocheckpoint = 0");
        return database.run("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)");
    }

    TestingRpmDatabase run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return this;
    }

    TestingRpmDatabase with(byte[] header) throws SQLException {
        String sql = "INSERT INTO Packages VALUES (?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, ++number);
            statement.setBytes(2, header);
            statement.execute();
        }
        return this;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
