package io.ectowatch.connect.postgres;

import java.sql.SQLException;

/** An error of which it is known which setting it is about, with a message for the operator. */
public final class SettingException extends SQLException {

    private static final long serialVersionUID = 1L;

    private final String setting;
    private final boolean permanent;

    /**
     * @param setting the setting to look at
     * @param message what is wrong and what to do
     * @param permanent true when only the operator can mend it
     * @param cause what PostgreSQL said
     */
    public SettingException(String setting, String message, boolean permanent, SQLException cause) {
        super(message, cause.getSQLState(), cause);
        this.setting = setting;
        this.permanent = permanent;
    }

    Failure failure() {
        return new Failure(permanent, setting, getMessage());
    }
}
