CREATE OR REPLACE FUNCTION ${function}(connector text, target regclass, condition text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect.
-- Purpose: requests a backfill of a watched table, and returns its id.
-- Reads: the catalogs, for the function of that connector.
-- Writes: what that function writes: a row in the journal of the connector.
-- On failure: nothing is written, and the error says what to do.
-- Runs with the rights of its owner. No other role may execute it until the owner, or a superuser, grants that.
DECLARE
    call    text;
    result  text;
BEGIN
    SELECT format('SELECT %I.%I($1, $2, $3)', n.nspname, p.proname) INTO call
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.oid = to_regnamespace(${schema literal}) AND oidvectortypes(p.proargtypes) = 'oid, text, text'
      AND pg_get_userbyid(p.proowner) = current_user
      AND starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":' || to_json($1)::text || ',');
    IF call IS NULL THEN
        RAISE EXCEPTION 'Schema % has no connector % with delivery.mode=durable whose objects role % owns.',
                ${schema name}, coalesce(quote_literal($1), 'NULL'), current_user
            USING HINT = 'Use the name of the connector, and the functions in the schema of its setting database.schema.',
                  ERRCODE = 'undefined_object';
    END IF;
    EXECUTE call INTO result USING $2::oid, $3, NULL::text;
    RETURN result;
END
$body$
