CREATE OR REPLACE FUNCTION ${function}() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 1  -- milliseconds: a table that is just being emptied is not waited for
AS ${body}
