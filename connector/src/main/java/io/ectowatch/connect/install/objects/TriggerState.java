package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.install.plan.Step;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The state of the connector's triggers: for each table its OID, and a number that changes when a trigger or its function is
 * dropped, replaced, disabled, or disabled and enabled again, or when the table is renamed or gets another primary key, or its
 * key becomes deferrable. A task stores it, so that the next one detects what was changed meanwhile.
 */
public final class TriggerState {

    /** Index scans only. */
    private static final String TRIGGERS = """
            SELECT t.tgrelid::int8, hashtextextended(string_agg(
                concat_ws(' ', t.oid, t.xmin, t.tgenabled, p.xmin, c.relnamespace, c.relname, i.indkey,
                          CASE WHEN NOT i.indimmediate THEN 'deferrable' END),
                ',' ORDER BY t.oid), 0)
            FROM pg_namespace AS n
            JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prorettype = 'trigger'::regtype
            JOIN pg_description AS m ON m.objoid = p.oid AND m.classoid = 'pg_proc'::regclass AND m.objsubid = 0
            JOIN pg_depend AS d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
                               AND d.classid = 'pg_trigger'::regclass
            JOIN pg_trigger AS t ON t.oid = d.objid
            LEFT JOIN pg_trigger AS r ON r.oid = t.tgparentid
            JOIN pg_class AS c ON c.oid = t.tgrelid
            LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = %s AND starts_with(m.description, %s)
              AND (t.tgparentid = 0 OR t.tgenabled <> r.tgenabled)  -- clones come and go with partitions
            GROUP BY t.tgrelid
            """;

    /** What is known to be the stored state before the step, until the step has ended. */
    private static final String REMEMBER = """
            SELECT pg_catalog.set_config('ectowatch.unchanged', coalesce((
                SELECT string_agg(w.relation::int8::text, ',')
                FROM %1$s AS w JOIN (%2$s) AS t (relation, state) ON t.relation = w.relation::int8 AND t.state = w.triggers
                WHERE w.relation::int8 IN (%3$s)), ''), true)""";

    private static final String STORE = """
            UPDATE %1$s AS w SET triggers = t.state
            FROM (%2$s) AS t (relation, state)
            WHERE t.relation = w.relation::int8
              AND w.relation::int8 = ANY (string_to_array(current_setting('ectowatch.unchanged'), ',')::int8[])""";

    private TriggerState() {}

    /** The query for it. */
    public static String sql(ObjectNames names) {
        return TRIGGERS.formatted(
                SqlText.literal(names.schema()), SqlText.literal(Marker.beginning(names.connector())));
    }

    /**
     * The step, which also stores the new state of its tables, unless the stored state was another one before. So the next
     * task does not take what this step does for the work of another, even if this task ends right after it. A step without
     * locks also stores what another session commits within it, such as a trigger that is disabled and enabled again: some
     * milliseconds. This task still finds that, unless it ends before its next check.
     *
     * @param step with tables
     */
    public static Step stored(ObjectNames names, Step step) {
        String tables =
                step.lockedTables().stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
        List<String> statements = new ArrayList<>();
        statements.add(REMEMBER.formatted(names.watched(), sql(names), tables));
        statements.addAll(step.statements());
        statements.add(STORE.formatted(names.watched(), sql(names)));
        return new Step(step.purpose(), step.lockedTables(), step.lock(), statements, step.announcement());
    }
}
