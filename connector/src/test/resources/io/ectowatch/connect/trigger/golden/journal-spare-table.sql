-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- create a spare journal table
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.journal.3" (  -- without a primary key, which would slow the writers; the task empties it by TRUNCATE
    lsn pg_lsn NOT NULL,  -- where the write-ahead log ended before the row was written: the order of the rows
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layout int4 NOT NULL,  -- what the body has: see the table of layouts
    event "char" NOT NULL,  -- i inserted, u updated, d deleted, t truncated, r resync, I key inserted, D key deleted
    body text NOT NULL  -- the keys and extra columns of the changed rows
) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE INDEX IF NOT EXISTS "shop.journal.3.lsn" ON "ectowatch"."shop.journal.3" (lsn);
DO $ectowatch$
-- Sets the owner, privileges and settings of the tables and sequences that this transaction has created: default
-- privileges and event triggers of the database may have changed them. Fails if another role owns one of them.
DECLARE
    part     record;
    grantee  text;
    owner    text;
BEGIN
    FOR part IN
        SELECT *
        FROM (VALUES
            -- name, kind, replica identity (a table without one makes UPDATE fail if a publication has all tables)
            ('"ectowatch"."shop.journal.3"'::regclass, 'TABLE', 'FULL')
        ) AS relations (name, kind, identity)
    LOOP
        -- The row of a system column is as old as its table or sequence.
        IF EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = part.name AND attnum = -6 AND xmin = pg_current_xact_id()::xid) THEN
            IF (SELECT pg_get_userbyid(relowner) <> current_user FROM pg_class WHERE oid = part.name) THEN
                EXECUTE format('ALTER %s %s OWNER TO CURRENT_USER', part.kind, part.name);
            END IF;
            FOR grantee IN
                SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                FROM pg_class AS c, aclexplode(c.relacl) AS a
                WHERE c.oid = part.name AND a.grantee <> c.relowner
            LOOP
                EXECUTE format('REVOKE ALL ON %s %s FROM %s', part.kind, part.name, grantee);
            END LOOP;
            -- Without it, pg_dump by the owner of the database fails.
            EXECUTE format('GRANT SELECT ON %s %s TO pg_database_owner', part.kind, part.name);
            IF (SELECT relrowsecurity OR relforcerowsecurity FROM pg_class WHERE oid = part.name) THEN
                EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', part.name);
            END IF;
            IF part.kind = 'TABLE' AND (SELECT relreplident <> left(lower(part.identity), 1) FROM pg_class
                                        WHERE oid = part.name) THEN
                EXECUTE format('ALTER TABLE %s REPLICA IDENTITY %s', part.name, part.identity);
            END IF;
        END IF;
        SELECT r.rolname INTO owner
        FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
        WHERE c.oid = part.name AND r.rolname <> current_user AND NOT r.rolsuper;
        IF FOUND THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.name, owner
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
END
$ectowatch$;
COMMENT ON TABLE "ectowatch"."shop.journal.3" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMIT;
