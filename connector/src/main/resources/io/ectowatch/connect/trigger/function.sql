CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session${settings}
AS ${body}
