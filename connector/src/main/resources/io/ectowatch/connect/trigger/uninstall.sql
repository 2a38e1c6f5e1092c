CREATE OR REPLACE FUNCTION ${function}(connector text) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS ${body}
