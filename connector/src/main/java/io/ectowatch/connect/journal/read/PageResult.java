package io.ectowatch.connect.journal.read;

import io.ectowatch.connect.journal.state.ReadState;
import io.ectowatch.connect.postgres.Lsn;
import io.ectowatch.connect.postgres.XidSnapshot;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of one read of the journal.
 *
 * @param rows of the journal; a row that is larger than requested has no body
 * @param available how many rows there would have been if they were not too large together; 0 without rows
 */
record PageResult(ReadState state, List<JournalRow> rows, long available) {

    /** Runs a query that begins with the columns of {@link ReadState#sql}. */
    static PageResult by(PreparedStatement query) throws SQLException {
        ReadState state = null;
        List<JournalRow> rows = new ArrayList<>();
        long available = 0;
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
                    available = row.getLong(15);
                }
            }
        }
        if (state == null) {
            throw new IllegalStateException("the query of the journal returned no state");
        }
        return new PageResult(state, rows, available);
    }
}
