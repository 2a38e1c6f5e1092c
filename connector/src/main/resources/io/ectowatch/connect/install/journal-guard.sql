CREATE OR REPLACE FUNCTION ${function}() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS ${body}
