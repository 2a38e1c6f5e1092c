package io.ectowatch.connect.postgres;

import java.sql.SQLException;
import java.util.Objects;

/** An error with a known cause in a setting, and a message for the operator. */
public final class SettingException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String setting;
    private final boolean permanent;

    /**
     * @param setting the setting to check
     * @param message what is wrong and what to do
     * @param permanent true when only the operator can fix it
     * @param cause the error from PostgreSQL
     */
    public SettingException(String setting, String message, boolean permanent, SQLException cause) {
        super(message, cause.getSQLState(), cause);
        this.setting = setting;
        this.permanent = permanent;
    }

    Failure failure() {
        return new Failure(permanent, setting, Objects.requireNonNull(getMessage(), "message"));
    }
}
