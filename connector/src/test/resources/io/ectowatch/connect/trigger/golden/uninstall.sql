-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- uninstall connector shop
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
DO $ectowatch$
-- EctoWatch for Kafka Connect.
-- Purpose: drops everything that one connector created in this database, triggers included, and with the last connector
--     what all connectors share.
-- Reads: the markers in the comments of schema database.schema; the advisory locks of the connector.
-- Writes: nothing but DROP statements.
-- On failure: nothing is dropped. A lock that is not free within lock_timeout (one second, if that is not set) is an error.
-- Runs with the rights of the caller.
DECLARE
    leaving    CONSTANT text := 'shop';
    shared     CONSTANT text := '{"ectowatch":1,"connector":"",';
    beginning  CONSTANT text := '{"ectowatch":1,"connector":' || to_json(leaving)::text || ',';
    home       CONSTANT oid := to_regnamespace('"ectowatch"');
    part       record;
    holders    text;
    dropped    integer := 0;
BEGIN
    IF leaving IS NULL OR leaving = '' OR home IS NULL THEN
        RETURN;
    END IF;
    IF current_setting('lock_timeout') = '0' THEN
        PERFORM set_config('lock_timeout', '1s', true);
    END IF;
    -- Any role that can connect can take these locks: respects only holders that could be the connector, or could install.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ectowatch.present.' || 'ectowatch' || '.' || leaving, 0)) THEN
        holders := (
            SELECT string_agg(
                CASE WHEN l.pid IS NULL
                     THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                                 || date_trunc('seconds', p.prepared))
                     ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                                 ', from ' || host(a.client_addr))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN (
                SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                FROM pg_prepared_xacts AS t
                JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
            ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
            WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.objsubid = 1 AND (l.classid::int8 << 32 | l.objid::int8) = hashtextextended('ectowatch.present.' || 'ectowatch' || '.' || leaving, 0)
              AND EXISTS (
                  SELECT FROM pg_roles AS r
                  WHERE pg_has_role(coalesce(a.usesysid, (SELECT o.oid FROM pg_roles AS o WHERE o.rolname = p.owner)),
                                    r.oid, 'MEMBER')
                    AND EXISTS (
                        SELECT FROM pg_class AS s JOIN pg_namespace AS n ON n.oid = s.relnamespace
                        WHERE n.nspname = 'ectowatch' AND s.relkind = 'S' AND starts_with(obj_description(s.oid, 'pg_class'), beginning)
                          AND has_sequence_privilege(r.oid, s.oid, 'UPDATE')))
        );
        IF holders IS NOT NULL THEN
            RAISE EXCEPTION 'connector % is running (%), and would create everything again: stop it first', leaving, holders
                USING ERRCODE = 'object_in_use';
        END IF;
    END IF;
    IF
        NOT pg_try_advisory_xact_lock(hashtext('ectowatch.install'))
        AND (
            SELECT string_agg(
                CASE WHEN l.pid IS NULL
                     THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                                 || date_trunc('seconds', p.prepared))
                     ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                                 ', from ' || host(a.client_addr))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN (
                SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                FROM pg_prepared_xacts AS t
                JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
            ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
            WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.objsubid = 1 AND (l.classid::int8 << 32 | l.objid::int8) = hashtext('ectowatch.install')
              AND EXISTS (
                  SELECT FROM pg_roles AS r
                  WHERE pg_has_role(coalesce(a.usesysid, (SELECT o.oid FROM pg_roles AS o WHERE o.rolname = p.owner)),
                                    r.oid, 'MEMBER')
                    AND coalesce(
                        (SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_namespace AS n WHERE n.nspname = 'ectowatch'),
                        has_database_privilege(r.oid, current_database(), 'CREATE')))
        ) IS NOT NULL
    THEN
        PERFORM pg_advisory_xact_lock(hashtext('ectowatch.install'));
    END IF;

    FOR part IN
        -- First the trigger functions, table by table, with their triggers; then the other functions; then tables and sequences.
        SELECT
            CASE WHEN p.prorettype = 'trigger'::regtype THEN 1 ELSE 2 END AS turn,
            (SELECT min(t.tgrelid::int8) FROM pg_trigger AS t WHERE t.tgfoid = p.oid) AS place,
            format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
                || CASE WHEN p.prorettype = 'trigger'::regtype THEN ' CASCADE' ELSE '' END AS command
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.pronamespace = home AND starts_with(obj_description(p.oid, 'pg_proc'), beginning)
        UNION ALL
        SELECT
            3,
            c.oid::int8,
            format('DROP %s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relnamespace = home AND c.relkind IN ('r', 'S')
          AND starts_with(obj_description(c.oid, 'pg_class'), beginning)
        ORDER BY 1, 2, 3
    LOOP
        EXECUTE part.command;
        dropped := dropped + 1;
        -- Other sessions may already wait for the locked objects: get the remaining locks at once or fail.
        PERFORM set_config('lock_timeout', '20ms', true);
    END LOOP;

    IF dropped > 0 AND NOT EXISTS (
        SELECT FROM pg_description AS d
        WHERE starts_with(d.description, '{"ectowatch":1,"connector":"') AND NOT starts_with(d.description, shared)
          AND d.objoid IN (
              SELECT oid FROM pg_proc WHERE pronamespace = home
              UNION ALL
              SELECT oid FROM pg_class WHERE relnamespace = home
          )
    ) THEN
        BEGIN
            IF starts_with(obj_description(to_regclass('"ectowatch"."status"'), 'pg_class'), shared) THEN
                DROP VIEW "ectowatch"."status";
            END IF;
        EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist OR wrong_object_type THEN
            NULL;  -- another role has made it, or something that uses it
        END;
        FOR part IN
            SELECT
                format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS command
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.pronamespace = home AND starts_with(obj_description(p.oid, 'pg_proc'), shared)
        LOOP
            BEGIN
                EXECUTE part.command;
            EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
                NULL;  -- another role has made it, or something that uses it
            END;
        END LOOP;
        BEGIN
            IF starts_with(obj_description(home, 'pg_namespace'), shared) THEN
                DROP SCHEMA "ectowatch";
            END IF;
        EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
            NULL;  -- another role has made it, or it has other objects
        END;
    END IF;
    RETURN;
END
$ectowatch$;
COMMIT;
