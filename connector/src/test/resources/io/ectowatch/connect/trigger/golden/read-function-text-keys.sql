-- The function that reads the table of durable-text-keys.sql for backfills, if backfill is new, resync or both.

-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- let backfills read public.places
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.places.read"(last text[], most integer) RETURNS TABLE (entry text, key text[])
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET row_security = 'off'
SET constraint_exclusion = 'off'
SET enable_seqscan = 'off'
SET enable_bitmapscan = 'off'
SET enable_sort = 'off'
SET max_parallel_workers_per_gather = '0'
SET plan_cache_mode = 'force_custom_plan'
SET DateStyle = 'ISO, YMD'
SET TimeZone = 'UTC'
SET IntervalStyle = 'iso_8601'
SET extra_float_digits = '1'
SET bytea_output = 'hex'
SET lc_monetary = 'C'
SET quote_all_identifiers = 'off'
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: reads the next rows of public.places for a backfill, in the order of the primary key: after the key "last", or from the
--     beginning if that is NULL, and at most so many. The first row that it returns has the snapshot instead. The others have
--     what a trigger would write for an insertion of that row, and the primary key.
-- Called by: the task, in a read-only transaction. No other role may execute it.
-- Reads: of the table, the columns that the connector publishes and those of its conditions.
-- Writes: nothing.
-- On failure: the backfill ends, and its last record has the error.
-- Runs with the rights of the table's owner. So code of that role that reading the table runs, such as the function of an index,
-- gains no rights.
#variable_conflict use_column
BEGIN
    IF current_user OPERATOR(pg_catalog.<>) 'postgres'::pg_catalog.name THEN
        RAISE EXCEPTION 'The function that reads table % does not run with the rights of the table''s owner.', 'public.places'
            USING HINT = 'Run the SQL of install.mode=print again.', ERRCODE = 'insufficient_privilege';
    END IF;
    IF $1 IS NULL THEN
        RETURN QUERY
        SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, NULL::pg_catalog.text[]
        UNION ALL
        SELECT q.entry, q.key
        FROM (
            SELECT pg_catalog.json_build_array(CASE WHEN false THEN NULL::pg_catalog.text ELSE r."~c0" END::pg_catalog.text, CASE WHEN false THEN NULL::pg_catalog.text ELSE r."~c1" END::pg_catalog.text)::pg_catalog.text AS entry, ARRAY[r.k0, r.k1] AS key
            FROM (
                SELECT x."country" AS "~c0", x."code" AS "~c1", pg_catalog.format('%s', x."country") AS k0, pg_catalog.format('%s', x."code") AS k1 FROM ONLY "public"."places" AS x ORDER BY x."country", x."code" LIMIT $2
            ) AS r
            OFFSET 0
        ) AS q;
    ELSE
        RETURN QUERY
        SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, NULL::pg_catalog.text[]
        UNION ALL
        SELECT q.entry, q.key
        FROM (
            SELECT pg_catalog.json_build_array(CASE WHEN false THEN NULL::pg_catalog.text ELSE r."~c0" END::pg_catalog.text, CASE WHEN false THEN NULL::pg_catalog.text ELSE r."~c1" END::pg_catalog.text)::pg_catalog.text AS entry, ARRAY[r.k0, r.k1] AS key
            FROM (
                SELECT x."country" AS "~c0", x."code" AS "~c1", pg_catalog.format('%s', x."country") AS k0, pg_catalog.format('%s', x."code") AS k1 FROM ONLY "public"."places" AS x WHERE (x."country", x."code") OPERATOR("pg_catalog".>) ($1[1]::"pg_catalog"."text", $1[2]::"pg_catalog"."text") ORDER BY x."country", x."code" LIMIT $2
            ) AS r
            OFFSET 0
        ) AS q;
    END IF;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.places.read"(text[], integer) IS '{"ectowatch":1,"connector":"shop","table":"public.places","layout":"d130b2c11b9c","delivery":"durable","hash":"36f542294efab93a","version":"1.0.0"}';
DO $ectowatch$
-- Gives the function to the owner of the table, with whose rights it runs, and revokes the privileges of all other roles.
DECLARE
    reader    CONSTANT oid := '"ectowatch"."shop.public.places.read"(text[], integer)'::regprocedure;
    lends     CONSTANT boolean := NOT has_schema_privilege('postgres', 'ectowatch', 'CREATE');
    grantee   text;
BEGIN
    IF (SELECT pg_get_userbyid(p.proowner) <> 'postgres' FROM pg_proc AS p WHERE p.oid = reader) THEN
        BEGIN
            -- Unless a superuser runs this, the next owner needs that privilege for a moment.
            IF lends THEN
                GRANT CREATE ON SCHEMA "ectowatch" TO "postgres";
            END IF;
            ALTER FUNCTION "ectowatch"."shop.public.places.read"(text[], integer) OWNER TO "postgres";
            IF lends THEN
                REVOKE CREATE ON SCHEMA "ectowatch" FROM "postgres";
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'Role % cannot give the function that reads table % to role %, which owns the table: %.',
                    current_user, 'public.places', 'postgres', SQLERRM
                USING HINT = 'Run the script as a superuser, or as a member of that role. Or set backfill=none, and grant the'
                             || ' connector''s role SELECT on the table.',
                      ERRCODE = 'insufficient_privilege';
        END;
    END IF;
    FOR grantee IN
        SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = reader AND a.grantee <> p.proowner
    LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION ' || '"ectowatch"."shop.public.places.read"(text[], integer)' || ' FROM ' || grantee;
    END LOOP;
END
$ectowatch$;
GRANT EXECUTE ON FUNCTION "ectowatch"."shop.public.places.read"(text[], integer) TO "connect";
COMMIT;
