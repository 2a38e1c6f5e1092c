package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The result of one read of the journal.
 *
 * @param rows of the journal, in the order of their LSNs; a row that is larger than requested has no body
 * @param full whether there may be more: the rows are as many, or as large together, as one read returns
 */
record PageResult(ReadState state, List<JournalRow> rows, boolean full) {

    private static final Comparator<JournalRow> ORDER =
            Comparator.comparingLong(JournalRow::lsn).thenComparingLong(JournalRow::transactionId);

    /**
     * Runs a query that begins with the columns of {@link ReadState#sql}. Its last column is the size of the bodies up to the
     * row, in bytes.
     *
     * @param mostRows it returns no more rows
     * @param mostBytes it returns no further row when the rows before have this size
     */
    static PageResult by(PreparedStatement query, int mostRows, long mostBytes) throws SQLException {
        ReadState state = null;
        List<JournalRow> rows = new ArrayList<>();
        long bytes = 0;
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                String snapshot = row.getString(1);
                if (snapshot != null) {
                    state = new ReadState(
                            XidSnapshot.parse(snapshot),
                            row.getLong(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6),
                            row.getBoolean(7),
                            row.getLong(8));
                } else {
                    rows.add(new JournalRow(
                            Lsn.parse(row.getString(9)),
                            row.getLong(10),
                            row.getLong(11),
                            row.getInt(12),
                            row.getString(13),
                            row.getString(14)));
                    bytes = Math.max(bytes, row.getLong(15));
                }
            }
        }
        if (state == null) {
            throw new IllegalStateException("the query of the journal returned no state");
        }
        // Hardly any work if they are in this order already, unlike a sort in the query, which would copy each row.
        rows.sort(ORDER);
        return new PageResult(state, rows, rows.size() >= mostRows || bytes >= mostBytes);
    }
}
