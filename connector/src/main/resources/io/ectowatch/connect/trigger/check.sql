CREATE OR REPLACE FUNCTION ${check}(connector text) RETURNS TABLE (problem text, remedy text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect.
-- Purpose: lists what is wrong with a connector, each with the statement or the action that mends it. No row: nothing is wrong.
-- Reads: the function "connectors".
-- Writes: nothing.
-- On failure: an error.
-- Runs with the rights of the caller.
WITH found AS MATERIALIZED (
    SELECT c.state -> 'findings' AS findings
    FROM ${connectors}($1) AS c (state)
    WHERE c.state ->> 'connector' = $1
)
SELECT f.value ->> 'problem', f.value ->> 'remedy'
FROM found, jsonb_array_elements(found.findings) AS f
UNION ALL
SELECT
    format('Connector %s is not installed in this schema.', coalesce(quote_literal($1), 'NULL')),
    'Start the connector, or look at the names that the view "status" has.'
WHERE NOT EXISTS (SELECT FROM found)
$body$
