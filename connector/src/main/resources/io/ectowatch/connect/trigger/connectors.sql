CREATE OR REPLACE FUNCTION ${connectors}(wanted text) RETURNS SETOF jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect.
-- Purpose: gives the state of the connector of that name, or of each connector of this schema if it is null, and what is wrong
--     with it.
-- Called by: the view "status" and the function "check".
-- Reads: the catalogs, pg_locks and pg_stat_activity; for each connector the function that gives its facts.
-- Writes: nothing.
-- On failure: the state of a connector whose facts cannot be read is the error.
-- Runs with the rights of the caller.
DECLARE
    home       CONSTANT oid := to_regnamespace(${schema literal});
    held_long  CONSTANT interval := '5 seconds';
    old        CONSTANT interval := '10 minutes';
    part       record;
    finding    record;
    facts      jsonb;
    error      text;
    name       text;
    pid        integer;
    since      timestamptz;
    client     text;
    sessions   text[];
    tables     text[];
    missing    text[];
    disabled   text[];
    taken      bigint;
    suspended  boolean;
    lease      timestamptz;
    lost       timestamptz;
    findings   jsonb;
BEGIN
    FOR part IN
        -- Each catalog is read once, not once for each connector.
        WITH marked AS MATERIALIZED (
            SELECT
                o.kind, o.oid, o.name, o.owner, d.description,
                substring(d.description FROM $re$^{"ectowatch":1,"connector":("([^"\\]|\\.)*"),$re$) AS connector
            FROM (
                SELECT
                    'pg_proc'::regclass AS catalog, p.oid, p.proname AS name, p.proowner AS owner,
                    CASE
                        WHEN p.prorettype = 'trigger'::regtype THEN 'trigger'
                        WHEN p.prorettype = 'jsonb'::regtype AND p.pronargs = 0 AND p.prosecdef THEN 'facts'
                        ELSE 'function'
                    END AS kind
                FROM pg_proc AS p WHERE p.pronamespace = home
                UNION ALL
                SELECT 'pg_class'::regclass, c.oid, c.relname, c.relowner, 'relation'
                FROM pg_class AS c WHERE c.relnamespace = home AND c.relkind IN ('r', 'S')
            ) AS o
            JOIN pg_description AS d ON d.objoid = o.oid AND d.classoid = o.catalog AND d.objsubid = 0
            WHERE starts_with(d.description, '{"ectowatch":1,"connector":' || coalesce(to_json(wanted)::text || ',', '"'))
        )
        SELECT
            f.name, f.owner, r.rolname AS owner_name, f.description::jsonb AS comment,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind = 'trigger' AND m.owner = f.owner) AS functions,
            array_agg(t.oid) FILTER (WHERE t.oid IS NOT NULL) AS triggers,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind = 'relation' AND m.owner <> f.owner) AS foreign_relations,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind <> 'relation' AND m.owner <> f.owner) AS foreign_functions
        FROM marked AS f
        JOIN pg_roles AS r ON r.oid = f.owner
        JOIN marked AS m ON m.connector = f.connector
        LEFT JOIN pg_trigger AS t ON t.tgfoid = m.oid AND m.kind = 'trigger' AND m.owner = f.owner
        WHERE f.kind = 'facts'
          -- A caller has to trust the owner of the schema, and of this function, but no other role.
          AND (
              r.rolsuper
              OR f.owner = (SELECT n.nspowner FROM pg_namespace AS n WHERE n.oid = home)
              OR f.owner = (SELECT p.proowner FROM pg_proc AS p WHERE p.oid = to_regprocedure(${signature}))
          )
        GROUP BY f.connector, f.oid, f.name, f.owner, r.rolname, f.description
        ORDER BY f.name
    LOOP
        BEGIN
            error := NULL;
            EXECUTE format('SELECT %s.%I()', home::regnamespace, part.name) INTO facts;
        EXCEPTION WHEN others THEN
            error := SQLERRM;
            facts := jsonb_build_object('connector', part.comment -> 'connector');
        END;
        name := facts ->> 'connector';
        findings := '[]';

        -- A task holds the presence lock. Any role can take it: it counts if the role could be the connector.
        SELECT
            (array_agg(l.pid ORDER BY a.backend_start, l.pid))[1],
            min(a.backend_start),
            (array_agg(coalesce(host(a.client_addr), 'local socket') ORDER BY a.backend_start, l.pid))[1],
            array_agg(
                format('pid %s from %s', l.pid, coalesce(host(a.client_addr), 'local socket')) ORDER BY a.backend_start, l.pid)
                FILTER (WHERE a.backend_start < clock_timestamp() - held_long)
        INTO pid, since, client, sessions
        FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ShareLock' AND l.objsubid = 1
          AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
          AND (l.classid::bigint << 32 | l.objid::bigint) = ${presence}
          AND EXISTS (
              SELECT FROM pg_roles AS r
              WHERE pg_has_role(a.usesysid, r.oid, 'MEMBER')
                AND has_sequence_privilege(r.oid, (facts ->> 'lost_sequence')::oid, 'UPDATE'));

        SELECT
            coalesce(array_agg(DISTINCT t.tgrelid::regclass::text) FILTER (WHERE t.tgparentid = 0), '{}'),
            coalesce(
                array_agg(DISTINCT format('%I ON %s', t.tgname, t.tgrelid::regclass)) FILTER (WHERE t.tgenabled <> ALL ('{O,A}')),
                '{}')
        INTO tables, disabled
        FROM pg_trigger AS t
        WHERE t.oid = ANY (part.triggers);
        missing := ARRAY(
            -- a function without its trigger
            SELECT obj_description(f.oid, 'pg_proc')::jsonb ->> 'table'
            FROM unnest(part.functions) AS f (oid)
            WHERE f.oid NOT IN (SELECT t.tgfoid FROM pg_trigger AS t WHERE t.oid = ANY (part.triggers))
            UNION
            -- a table that had triggers at the last check by a task, and has none
            SELECT c.oid::regclass::text
            FROM jsonb_array_elements_text(facts -> 'watched') AS w JOIN pg_class AS c ON c.oid = w::oid
            WHERE NOT EXISTS (
                SELECT FROM pg_trigger AS t
                WHERE t.tgrelid = c.oid AND t.tgfoid = ANY (part.functions || part.foreign_functions))
            ORDER BY 1
        );
        taken := (SELECT sum(b.value::bigint) FROM jsonb_each_text(facts -> 'bytes') AS b);
        suspended := (facts ->> 'ring')::bigint & ${table bits} = ${no table} AND facts ->> 'spare' = '0';
        lease := to_timestamp((facts ->> 'lease')::bigint);
        lost := to_timestamp((facts ->> 'lost')::bigint / 1000000.0);

        FOR finding IN
            SELECT f.problem, f.remedy
            FROM (
                SELECT 1 AS place, 'The facts of the connector cannot be read: ' || error AS problem,
                    'GRANT pg_monitor TO ' || quote_ident(current_user) AS remedy
                WHERE error IS NOT NULL
                UNION ALL
                SELECT 2, 'The journal is suspended: changes are not captured. '
                    || CASE WHEN lease < now() THEN 'No task has read it for journal.lease.ms.' ELSE 'It is full.' END,
                    'Start the connector if no task runs. The task resumes the journal, with a resync of every table, when Connect has committed what it has.'
                WHERE suspended
                UNION ALL
                SELECT 3, format('The lease expired at %s. The next change suspends the journal.', lease),
                    'Start the connector. If it was deleted: SELECT ' || home::regnamespace || '.uninstall(' || quote_literal(name) || ')'
                WHERE NOT coalesce(suspended, false) AND lease < now() AND facts ->> 'delivery' = 'durable'
                UNION ALL
                SELECT 4, 'No task of the connector has a session.'
                    || CASE facts ->> 'delivery' WHEN 'notify' THEN ' Changes are lost.'
                       ELSE ' Changes wait in the journal.' END,
                    'Start or resume the connector, and look at its status and its log. If it was deleted: SELECT '
                    || home::regnamespace || '.uninstall(' || quote_literal(name) || ')'
                WHERE pid IS NULL AND error IS NULL
                UNION ALL
                SELECT 4, 'Several tasks of the connector have a session: ' || array_to_string(sessions, ', ') || '.',
                    'If it is not a rebalance, two Connect clusters run a connector of this name: delete or rename one of them.'
                WHERE cardinality(sessions) > 1
                UNION ALL
                SELECT 5, format('Table %s lacks a trigger, so changes are not captured.', m),
                    'Start the connector, which creates the trigger again. With install.mode=verify, run the SQL of install.mode=print.'
                FROM unnest(missing) AS m
                UNION ALL
                SELECT 6, format('Trigger %s is disabled, so changes are not captured.', t.tgname || ' ON ' || t.tgrelid::regclass),
                    format('ALTER TABLE %s ENABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
                FROM pg_trigger AS t
                WHERE t.oid = ANY (part.triggers) AND t.tgenabled <> ALL ('{O,A}')
                UNION ALL
                SELECT 7, format('The journal has %s of %s.', pg_size_pretty(taken), pg_size_pretty((facts ->> 'limit')::bigint)),
                    'Start the connector if no task runs, end transactions that hold journal tables, or increase journal.max.bytes.'
                WHERE NOT suspended AND taken > 0.8 * (facts ->> 'limit')::bigint
                UNION ALL
                SELECT 7, format('The journal has changes since %s, though a task has a session.', facts ->> 'oldest'),
                    'Look at the metrics uncommitted-ms and queued-bytes: is the connector paused, is Kafka slow or unreachable, does Connect commit offsets? A backlog after a stop ends by itself.'
                WHERE pid IS NOT NULL AND since < clock_timestamp() - old AND (facts ->> 'oldest')::timestamptz < clock_timestamp() - old
                UNION ALL
                SELECT 8, format(
                    'A transaction holds %s: %s',
                    string_agg(DISTINCT l.relation::regclass::text, ', '),
                    ${description}),
                    CASE
                        WHEN l.pid IS NULL THEN format('COMMIT PREPARED %L or ROLLBACK PREPARED %L', p.gid, p.gid)
                        ELSE format('SELECT pg_terminate_backend(%s)', l.pid)
                    END
                FROM pg_locks AS l
                ${joins}
                JOIN pg_class AS c ON c.oid = l.relation
                WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                  AND coalesce(p.prepared, a.xact_start) < clock_timestamp() - held_long
                  AND (
                      c.relnamespace = home AND facts -> 'bytes' -> c.relname::text IS NOT NULL
                      OR c.oid::regclass::text = ANY (missing)
                  )
                GROUP BY l.pid, p.gid, p.owner, p.prepared, a.usename, a.application_name, a.client_addr, a.xact_start, a.backend_start
                UNION ALL
                SELECT 9, format('%s is owned by %I, not by %I.', o.what, o.owner, part.owner_name),
                    format('ALTER %s %s OWNER TO %I', o.kind, o.what, part.owner_name)
                FROM (
                    SELECT
                        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
                        c.oid::regclass::text AS what,
                        pg_get_userbyid(c.relowner) AS owner
                    FROM pg_class AS c
                    WHERE c.oid = ANY (part.foreign_relations)
                    UNION ALL
                    SELECT 'FUNCTION', p.oid::regprocedure::text, pg_get_userbyid(p.proowner)
                    FROM pg_proc AS p
                    WHERE p.oid = ANY (part.foreign_functions)
                ) AS o
                UNION ALL
                SELECT 10, format('Role %I lacks %s on %s.', r.rolname, string_agg(w.privilege, ', ' ORDER BY w.privilege), c.oid::regclass),
                    format(
                        'GRANT %s ON %s %s TO %I',
                        string_agg(w.privilege, ', ' ORDER BY w.privilege),
                        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                        c.oid::regclass,
                        r.rolname)
                FROM jsonb_each(facts -> 'privileges') AS k
                JOIN pg_class AS c ON c.relnamespace = home AND c.relname = k.key AND c.relkind IN ('r', 'S')
                -- The owner, and the role of a connector with install.mode=verify.
                JOIN pg_roles AS r
                    ON r.oid = part.owner
                    OR r.oid IN (
                        SELECT a.grantee FROM pg_class AS s, aclexplode(s.relacl) AS a
                        WHERE s.oid = (facts ->> 'lost_sequence')::oid AND a.privilege_type = 'UPDATE')
                CROSS JOIN LATERAL (
                    SELECT jsonb_array_elements_text(k.value)
                    UNION
                    SELECT 'INSERT' WHERE r.oid = part.owner AND c.relkind = 'r'
                ) AS w (privilege)
                WHERE NOT has_table_privilege(r.oid, c.oid, w.privilege)
                GROUP BY r.rolname, c.oid, c.relkind
                UNION ALL
                SELECT 11, format('Role %I lacks USAGE on schema %s.', part.owner_name, home::regnamespace),
                    format('GRANT ALL ON SCHEMA %s TO %I', home::regnamespace, part.owner_name)
                WHERE NOT has_schema_privilege(part.owner, home, 'USAGE')
                UNION ALL
                SELECT 12, format('Role %I lacks TRIGGER on table %s, so its triggers cannot be installed again.', part.owner_name, t),
                    format('GRANT TRIGGER ON %s TO %I', t, part.owner_name)
                FROM unnest(tables) AS t
                WHERE NOT has_table_privilege(part.owner, t::regclass, 'TRIGGER')
            ) AS f
            ORDER BY f.place, f.problem
        LOOP
            findings := findings || jsonb_build_object('problem', finding.problem, 'remedy', finding.remedy);
        END LOOP;

        RETURN NEXT facts || jsonb_build_object(
            'version', part.comment -> 'version',
            'state', CASE
                WHEN error IS NOT NULL THEN 'unknown: ' || error
                WHEN suspended THEN 'suspended'
                WHEN pid IS NULL THEN 'no session'
                WHEN facts ->> 'delivery' = 'notify' THEN 'listening'
                WHEN (facts ->> 'ring')::bigint & ${asleep} <> 0 THEN 'asleep'
                ELSE 'reading'
            END,
            'pid', pid,
            'since', since,
            'client', client,
            'lease_until', lease,
            'taken', taken,
            'last_loss', lost,
            'loss_cause', ${loss cause},
            'tables', to_jsonb(tables),
            'missing', to_jsonb(missing),
            'disabled', to_jsonb(disabled),
            'findings', findings);
    END LOOP;
END
$body$
