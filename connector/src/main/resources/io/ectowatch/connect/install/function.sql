CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- so that writers need no privilege on the connector's objects
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- else a caught error would end the session${settings}
AS ${body}
