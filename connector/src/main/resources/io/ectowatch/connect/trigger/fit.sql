CREATE OR REPLACE FUNCTION ${fit}(journals regclass[]) RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: finds out whether the triggers can insert into these tables, or privileges were revoked or a table was altered.
-- Called by: PostgreSQL, when it plans a trigger's query. The arguments are constants and the function is marked IMMUTABLE,
--     although it is not: so it is called again only after one of the tables has changed. Each session pays for that once, so
--     it looks at little: each further query would have to be planned.
-- Reads: the catalogs.
-- Writes: nothing.
-- On failure: raises an error. The trigger catches it and records a loss. The statement of the application goes on.
DECLARE
    -- In a new session, PostgreSQL finds an operator or a function faster if no argument needs a conversion.
    tables   oid[] := journals;
    journal  oid;
    number   bigint;
BEGIN
    FOREACH journal IN ARRAY tables LOOP
        IF has_table_privilege(journal, 'INSERT'::text) IS NOT TRUE OR row_security_active(journal) THEN
            RAISE EXCEPTION 'no privilege to insert into %', journal::regclass;
        END IF;
    END LOOP;
    PERFORM FROM pg_class
    WHERE oid = ANY (tables) AND relkind = 'r'::"char" AND relnatts = 6::int2 AND relchecks = 0::int2
        AND NOT (relispartition OR relhastriggers OR relhasrules);
    GET DIAGNOSTICS number = ROW_COUNT;
    IF number < cardinality(tables) THEN
        -- What has been dropped leaves a mark in pg_class.
        IF
            (
                SELECT count(*)
                FROM pg_class
                WHERE oid = ANY (tables) AND relkind = 'r' AND relchecks = 0 AND NOT relispartition
            ) < cardinality(tables)
            OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ANY (tables))
            OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = ANY (tables))
        THEN
            RAISE EXCEPTION 'a journal table has a constraint, a trigger or a rule';
        END IF;
        -- Another column does no harm if it may be null.
        IF EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = ANY (tables) AND attnum > 6 AND NOT attisdropped
                AND (attnotnull OR atthasdef OR atttypid >= 16384)
        ) THEN
            RAISE EXCEPTION 'a column of a journal table was added that can refuse rows';
        END IF;
    END IF;
    PERFORM FROM pg_attribute
    WHERE attrelid = ANY (tables) AND attnum > 0::int2 AND attnotnull
        AND attname = ('{lsn,xid,at,layout,event,body}'::name[])[attnum]
        AND atttypid = (ARRAY['pg_lsn', 'xid8', 'timestamptz', 'int4', '"char"', 'text']::regtype[]::oid[])[attnum]
        AND atthasdef = ('{f,t,t,f,f,f}'::bool[])[attnum];
    GET DIAGNOSTICS number = ROW_COUNT;
    IF number < 6 * cardinality(tables) THEN
        RAISE EXCEPTION 'the columns of a journal table were altered';
    END IF;
    IF EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = ANY (tables) AND (indisunique OR indexprs IS NOT NULL OR indpred IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'a journal table has an index that can refuse rows';
    END IF;
    RETURN true;
END
$body$
