CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- so that writers need no privilege of ours
SET search_path = pg_catalog, pg_temp${settings}
AS ${body}
