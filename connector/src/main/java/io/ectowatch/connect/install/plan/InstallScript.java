package io.ectowatch.connect.install.plan;

import io.ectowatch.connect.config.Version;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.TriggerFunction;
import java.util.List;

/** The steps as a script for psql, to be read by a person. */
public final class InstallScript {

    private final ObjectNames names;
    private final String database;
    private final int lockTimeoutMs;

    public InstallScript(ObjectNames names, String database, int lockTimeoutMs) {
        this.names = names;
        this.database = database;
        this.lockTimeoutMs = lockTimeoutMs;
    }

    /**
     * The whole script: the steps in order, each in a transaction, and the privileges of the connector's role.
     *
     * @param grants the statements that grant the connector's role its privileges; may be empty
     * @param announcing whether to announce that changes may have been lost, if there were triggers before
     */
    public String text(List<Step> steps, List<String> grants, boolean announcing) {
        StringBuilder text = new StringBuilder("""
                -- EctoWatch for Kafka Connect %s: the objects of connector %s in database %s.
                -- Read it, then run it as a role that may create triggers on the watched tables:
                --     psql -v ON_ERROR_STOP=1 -f <this file> <database>
                -- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
                -- Then set install.mode=verify.

                SET client_encoding = 'UTF8';
                SET search_path = pg_catalog;
                SET client_min_messages = warning;
                SET default_table_access_method = heap;
                """.formatted(
                Version.current(), TriggerFunction.oneLine(names.connector()), TriggerFunction.oneLine(database)));
        for (Step step : steps) {
            append(text, step.purpose(), (announcing ? step.announcing() : step).statements());
        }
        if (!grants.isEmpty()) {
            append(text, "grant the connector's role the privileges that it needs", grants);
        }
        return text.toString();
    }

    private void append(StringBuilder text, String purpose, List<String> statements) {
        text.append("\n-- ").append(TriggerFunction.oneLine(purpose)).append("\nBEGIN;\n");
        text.append("SET LOCAL lock_timeout = ").append(lockTimeoutMs).append(";\n");
        text.append(Installer.TAKE_TURNS).append(";\n");
        statements.forEach(statement -> text.append(statement.strip()).append(";\n"));
        text.append("COMMIT;\n");
    }
}
