CREATE OR REPLACE FUNCTION ${function}(last text[], most integer) RETURNS TABLE (entry text, key text[])
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
${settings}
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: reads the next rows of ${table} for a backfill, in the order of the primary key: after the key "last", or from the
--     beginning if that is NULL, and at most so many. The first row that it returns has the snapshot instead. The others have
--     what a trigger would write for an insertion of that row, and the primary key.
-- Called by: the task, in a read-only transaction. No other role may execute it.
-- Reads: of the table, the columns that the connector publishes and those of its conditions.
-- Writes: nothing.
-- On failure: the backfill ends, and its last record has the error.
-- Runs with the rights of the table's owner. So code of that role that reading the table runs, such as the function of an index,
-- gains no rights.
#variable_conflict use_column
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) ${owner literal}::pg_catalog.name THEN
        RAISE EXCEPTION 'The function that reads table % does not run with the rights of the table''s owner.', ${table literal}
            USING HINT = 'Run the SQL of install.mode=print again.', ERRCODE = 'insufficient_privilege';
    END IF;
    IF $1 IS NULL THEN
        RETURN QUERY
        ${first rows};
    ELSE
        RETURN QUERY
        ${next rows};
    END IF;
END
$body$
