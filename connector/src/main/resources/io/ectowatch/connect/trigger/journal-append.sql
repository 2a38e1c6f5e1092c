CREATE OR REPLACE FUNCTION ${function}(state bigint, layout integer, event text, entries text, oversized bigint)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS ${body}
