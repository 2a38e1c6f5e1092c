package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bodies of journal rows one by one if the server cannot return all bodies of a page: because of a text
 * that cannot be converted to UTF-8, as in a database with {@code SQL_ASCII}, or of a row that is damaged on disk. It
 * reads every body that can be read, and finds the reason for the others. It reads a page without its bodies and then
 * fetches these as bytes, in as few statements as succeed.
 */
final class BodyRescue {

    /** As bytes, and so without conversion. A cast would interpret backslashes as escapes. */
    private static final String BODIES = "SELECT lsn, xid, encode(replace(body, chr(92), chr(92) || chr(92))::bytea,"
            + " 'base64') FROM %s WHERE (lsn, xid) IN (SELECT * FROM unnest(?::text::pg_lsn[], ?::text::xid8[]))";

    private static final String CONVERT = "SELECT convert(?, getdatabaseencoding()::name, 'UTF8')";

    private record Key(long lsn, long transaction) {}

    private final Connection connection;
    private final PageQuery pages;
    private final int tables;
    private final PreparedStatement bodies;
    /** Whether the server's texts are UTF-8, or should be: then it cannot convert them. */
    private final boolean unconverted;

    BodyRescue(Connection connection, ObjectNames names, OwnerFence fence, List<Integer> tables) throws SQLException {
        this.connection = connection;
        this.tables = tables.size();
        pages = new PageQuery(connection, names, fence, tables, false);
        List<String> parts = new ArrayList<>();
        for (int table : tables) {
            parts.add(BODIES.formatted(names.journal(table)));
        }
        bodies = connection.prepareStatement(String.join(" UNION ALL ", parts));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT getdatabaseencoding() IN ('UTF8', 'SQL_ASCII')")) {
            row.next();
            unconverted = row.getBoolean(1);
        }
    }

    /** Whether the contents of a row can cause the error: texts and their encoding, sizes, damaged storage. */
    static boolean mayHelpAgainst(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("54") || state.startsWith("XX"));
    }

    /** Like {@link PageQuery#take}. */
    PageResult take(
            long xmax,
            long begunAfter,
            Map<Long, Long> openAfter,
            @Nullable XidSnapshot cut,
            long reached,
            long reachedBy)
            throws SQLException {
        PageResult found = pages.take(xmax, begunAfter, openAfter, cut, reached, reachedBy);
        List<JournalRow> rows = new ArrayList<>(found.rows());
        fill(rows);
        return new PageResult(found.state(), rows, found.full());
    }

    /** Replaces each row by one with its body, or with the reason why it cannot be read. */
    private void fill(List<JournalRow> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        Map<Key, byte[]> found;
        try {
            found = fetch(rows);
        } catch (SQLException e) {
            if (!mayHelpAgainst(e)) {
                throw e;
            }
            if (rows.size() == 1) {
                rows.set(0, rows.get(0).unreadable(reason(e)));
            } else {
                int middle = rows.size() / 2;
                fill(rows.subList(0, middle));
                fill(rows.subList(middle, rows.size()));
            }
            return;
        }
        for (int i = 0; i < rows.size(); i++) {
            JournalRow row = rows.get(i);
            rows.set(i, decoded(row, found.get(new Key(row.lsn(), row.transactionId()))));
        }
    }

    private Map<Key, byte[]> fetch(List<JournalRow> rows) throws SQLException {
        StringBuilder places = new StringBuilder();
        StringBuilder transactions = new StringBuilder();
        for (JournalRow row : rows) {
            places.append(places.isEmpty() ? "" : ",").append(Lsn.text(row.lsn()));
            transactions.append(transactions.isEmpty() ? "" : ",").append(row.transactionId());
        }
        for (int parameter = 0; parameter < 2 * tables; parameter += 2) {
            bodies.setString(parameter + 1, "{" + places + "}");
            bodies.setString(parameter + 2, "{" + transactions + "}");
        }
        Map<Key, byte[]> found = new HashMap<>();
        try (ResultSet row = bodies.executeQuery()) {
            while (row.next()) {
                found.put(
                        new Key(Lsn.parse(row.getString(1)), row.getLong(2)),
                        Base64.getMimeDecoder().decode(row.getString(3)));
            }
        }
        return found;
    }

    private JournalRow decoded(JournalRow row, byte @Nullable [] body) throws SQLException {
        if (body == null) {
            return row.unreadable("it does not exist any more");
        }
        try {
            byte[] text = unconverted ? body : converted(body);
            return row.withBody(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text))
                    .toString());
        } catch (CharacterCodingException e) {
            return row.unreadable("it contains a text that is not valid UTF-8");
        } catch (SQLException e) {
            if (!mayHelpAgainst(e)) {
                throw e;
            }
            return row.unreadable(reason(e));
        }
    }

    private byte[] converted(byte[] body) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CONVERT)) {
            statement.setBytes(1, body);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        }
    }

    private static String reason(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("") + " (SQLSTATE " + e.getSQLState() + ")";
    }
}
