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
    journal  regclass;
    inexact  bigint;
BEGIN
    FOREACH journal IN ARRAY journals LOOP
        IF has_table_privilege(journal, 'INSERT') IS NOT TRUE OR row_security_active(journal) THEN
            RAISE EXCEPTION 'no privilege to insert into %', journal;
        END IF;
    END LOOP;
    SELECT
        count(*) FILTER (WHERE relkind = 'r' AND NOT relispartition AND relchecks = 0) - cardinality(journals)
            + 1000 * count(*) FILTER (WHERE relhastriggers OR relhasrules)
    INTO inexact
    FROM pg_class
    WHERE oid = ANY (journals);
    IF inexact <> 0 THEN
        -- What has been dropped leaves a mark there.
        IF
            inexact < 0
            OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ANY (journals))
            OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = ANY (journals))
        THEN
            RAISE EXCEPTION 'a journal table has a constraint, a trigger or a rule';
        END IF;
    END IF;
    -- Another column does no harm if it may be null.
    IF
        (
            SELECT sum(
                CASE
                    WHEN attnum > 6
                    THEN CASE WHEN attnotnull OR atthasdef OR atttypid >= 16384 THEN 1000 ELSE 0 END
                    WHEN attname = ('{lsn,xid,at,layout,event,body}'::name[])[attnum]
                        AND attnotnull
                        AND atttypid = (ARRAY['pg_lsn', 'xid8', 'timestamptz', 'int4', '"char"', 'text']::regtype[])[attnum]
                        AND atthasdef = (attnum IN (2, 3))
                    THEN 1
                    ELSE 1000
                END)
            FROM pg_attribute
            WHERE attrelid = ANY (journals) AND attnum > 0 AND NOT attisdropped
        ) <> 6 * cardinality(journals)
    THEN
        RAISE EXCEPTION 'the columns of a journal table were altered';
    END IF;
    IF
        (
            SELECT count(*)
            FROM pg_index
            WHERE indrelid = ANY (journals) AND (indisunique OR indexprs IS NOT NULL OR indpred IS NOT NULL)
        ) > 0
    THEN
        RAISE EXCEPTION 'a journal table has an index that can refuse rows';
    END IF;
    RETURN true;
END
$body$
