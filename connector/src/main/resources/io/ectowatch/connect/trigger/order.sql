CREATE OR REPLACE FUNCTION ${function}(remembered text, relation oid, operation text, level text, number bigint, key_changed boolean,
                                       context text, place bigint, room bigint)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS ${body}
