package io.ectowatch.connect.journal.state;

import io.ectowatch.connect.postgres.SqlStates;
import java.sql.SQLException;

/** The journal has rows whose transaction numbers this server has not given out: another one has written them. */
public final class ForeignRowsException extends SQLException {

    private static final long serialVersionUID = 1L;

    public ForeignRowsException() {
        super(
                "the journal contains rows of another database, probably after a restore",
                SqlStates.NOT_IN_REQUIRED_STATE);
    }
}
