CREATE OR REPLACE FUNCTION ${function}() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 1  -- milliseconds: does not wait for a table that is being emptied
AS ${body}
