CREATE OR REPLACE FUNCTION ${function}(journals regclass[]) RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS ${body}
