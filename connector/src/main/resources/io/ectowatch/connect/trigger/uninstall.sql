CREATE OR REPLACE FUNCTION ${function}(connector text) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect.
-- Purpose: drops everything that one connector created in this database, triggers included, and with the last connector
--     what all connectors share.
-- Reads: the markers in the comments of schema database.schema; the advisory locks of the connector.
-- Writes: nothing but DROP statements.
-- On failure: nothing is dropped. A lock that is not free within lock_timeout (one second, if that is not set) is an error.
-- Runs with the rights of the caller.
DECLARE
    leaving    CONSTANT text := ${connector};
    shared     CONSTANT text := ${shared};
    beginning  CONSTANT text := ${beginning};
    home       CONSTANT oid := to_regnamespace(${schema literal});
    part       record;
    holders    text;
    dropped    integer := 0;
BEGIN
    IF leaving IS NULL OR leaving = '' OR home IS NULL THEN
        ${result}
    END IF;
    IF current_setting('lock_timeout') = '0' THEN
        PERFORM set_config('lock_timeout', '1s', true);
    END IF;
    -- Any role that can connect can take these locks: respects only holders that could be the connector, or could install.
    IF NOT pg_try_advisory_xact_lock(${presence}) THEN
        holders := (
            ${holders of presence}
        );
        IF holders IS NOT NULL THEN
            RAISE EXCEPTION 'connector % is running (%), and would create everything again: stop it first', leaving, holders
                USING ERRCODE = 'object_in_use';
        END IF;
    END IF;
    IF
        NOT pg_try_advisory_xact_lock(${install key})
        AND (
            ${holders of install}
        ) IS NOT NULL
    THEN
        PERFORM pg_advisory_xact_lock(${install key});
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
        WHERE starts_with(d.description, ${any beginning}) AND NOT starts_with(d.description, shared)
          AND d.objoid IN (
              SELECT oid FROM pg_proc WHERE pronamespace = home
              UNION ALL
              SELECT oid FROM pg_class WHERE relnamespace = home
          )
    ) THEN
        BEGIN
            IF starts_with(obj_description(to_regclass(${status literal}), 'pg_class'), shared) THEN
                DROP VIEW ${status};
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
                DROP SCHEMA ${schema};
            END IF;
        EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
            NULL;  -- another role has made it, or it has other objects
        END;
    END IF;
    ${result}
END
$body$
