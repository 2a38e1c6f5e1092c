-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- create the objects that the triggers of shop use
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
CREATE SCHEMA IF NOT EXISTS "ectowatch";
COMMENT ON SCHEMA "ectowatch" IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
DO $ectowatch$
-- Revokes the default privileges of other roles on the schema, if this transaction has created it. If the current role owns the
-- schema, lets the owner of the database use it: otherwise pg_dump by that owner fails.
DECLARE
    grantee text;
BEGIN
    IF EXISTS (SELECT FROM pg_namespace
               WHERE oid = to_regnamespace('"ectowatch"') AND xmin = pg_current_xact_id()::xid) THEN
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
            WHERE n.oid = to_regnamespace('"ectowatch"') AND a.grantee <> n.nspowner
        LOOP
            EXECUTE 'REVOKE ALL ON SCHEMA ' || to_regnamespace('"ectowatch"') || ' FROM ' || grantee;
        END LOOP;
    END IF;
    IF EXISTS (SELECT FROM pg_namespace
               WHERE oid = to_regnamespace('"ectowatch"') AND pg_get_userbyid(nspowner) = current_user) THEN
        GRANT USAGE ON SCHEMA "ectowatch" TO pg_database_owner;
    END IF;
END
$ectowatch$;
CREATE OR REPLACE FUNCTION "ectowatch"."uninstall"(connector text) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect.
-- Purpose: drops everything that one connector created in this database, triggers included, and with the last connector
--     what all connectors share.
-- Reads: the markers in the comments of schema database.schema; the advisory locks of the connector.
-- Writes: nothing but DROP statements.
-- On failure: nothing is dropped. A lock that is not free within lock_timeout (one second, if that is not set) is an error.
-- Runs with the rights of the caller.
DECLARE
    leaving    CONSTANT text := $1;
    shared     CONSTANT text := '{"ectowatch":1,"connector":"",';
    beginning  CONSTANT text := '{"ectowatch":1,"connector":' || to_json(leaving)::text || ',';
    home       CONSTANT oid := to_regnamespace('"ectowatch"');
    part       record;
    holders    text;
    dropped    integer := 0;
BEGIN
    IF leaving IS NULL OR leaving = '' OR home IS NULL THEN
        RETURN dropped;
    END IF;
    IF current_setting('lock_timeout') = '0' THEN
        PERFORM set_config('lock_timeout', '1s', true);
    END IF;
    -- Any role that can connect can take these locks: respects only holders that could be the connector, or could install.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ectowatch.present.' || 'ectowatch' || '.' || leaving, 0)) THEN
        holders := (
            SELECT string_agg(
                CASE WHEN l.pid IS NULL
                     THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                                 || date_trunc('seconds', p.prepared))
                     ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                                 ', from ' || host(a.client_addr))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN (
                SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                FROM pg_prepared_xacts AS t
                JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
            ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
            WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.objsubid = 1 AND (l.classid::int8 << 32 | l.objid::int8) = hashtextextended('ectowatch.present.' || 'ectowatch' || '.' || leaving, 0)
              AND EXISTS (
                  SELECT FROM pg_roles AS r
                  WHERE pg_has_role(coalesce(a.usesysid, (SELECT o.oid FROM pg_roles AS o WHERE o.rolname = p.owner)),
                                    r.oid, 'MEMBER')
                    AND EXISTS (
                        SELECT FROM pg_class AS s JOIN pg_namespace AS n ON n.oid = s.relnamespace
                        WHERE n.nspname = 'ectowatch' AND s.relkind = 'S' AND starts_with(obj_description(s.oid, 'pg_class'), beginning)
                          AND has_sequence_privilege(r.oid, s.oid, 'UPDATE')))
        );
        IF holders IS NOT NULL THEN
            RAISE EXCEPTION 'connector % is running (%), and would create everything again: stop it first', leaving, holders
                USING ERRCODE = 'object_in_use';
        END IF;
    END IF;
    IF
        NOT pg_try_advisory_xact_lock(hashtext('ectowatch.install'))
        AND (
            SELECT string_agg(
                CASE WHEN l.pid IS NULL
                     THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                                 || date_trunc('seconds', p.prepared))
                     ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                                 ', from ' || host(a.client_addr))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN (
                SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                FROM pg_prepared_xacts AS t
                JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
            ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
            WHERE l.locktype = 'advisory' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.objsubid = 1 AND (l.classid::int8 << 32 | l.objid::int8) = hashtext('ectowatch.install')
              AND EXISTS (
                  SELECT FROM pg_roles AS r
                  WHERE pg_has_role(coalesce(a.usesysid, (SELECT o.oid FROM pg_roles AS o WHERE o.rolname = p.owner)),
                                    r.oid, 'MEMBER')
                    AND coalesce(
                        (SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_namespace AS n WHERE n.nspname = 'ectowatch'),
                        has_database_privilege(r.oid, current_database(), 'CREATE')))
        ) IS NOT NULL
    THEN
        PERFORM pg_advisory_xact_lock(hashtext('ectowatch.install'));
    END IF;

    FOR part IN
        -- First the trigger functions, table by table, with their triggers; then the other functions; then tables and sequences.
        SELECT
            CASE WHEN p.prorettype = 'trigger'::regtype THEN 1 ELSE 2 END AS turn,
            (SELECT min(t.tgrelid::int8) FROM pg_trigger AS t WHERE t.tgfoid = p.oid) AS place,
            format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
                || CASE WHEN p.prorettype = 'trigger'::regtype THEN ' CASCADE' ELSE '' END AS command
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.pronamespace = home AND starts_with(obj_description(p.oid, 'pg_proc'), beginning)
        UNION ALL
        SELECT
            3,
            c.oid::int8,
            format('DROP %s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relnamespace = home AND c.relkind IN ('r', 'S')
          AND starts_with(obj_description(c.oid, 'pg_class'), beginning)
        ORDER BY 1, 2, 3
    LOOP
        EXECUTE part.command;
        dropped := dropped + 1;
        -- Other sessions may already wait for the locked objects: get the remaining locks at once or fail.
        PERFORM set_config('lock_timeout', '20ms', true);
    END LOOP;

    IF dropped > 0 AND NOT EXISTS (
        SELECT FROM pg_description AS d
        WHERE starts_with(d.description, '{"ectowatch":1,"connector":"') AND NOT starts_with(d.description, shared)
          AND d.objoid IN (
              SELECT oid FROM pg_proc WHERE pronamespace = home
              UNION ALL
              SELECT oid FROM pg_class WHERE relnamespace = home
          )
    ) THEN
        BEGIN
            IF starts_with(obj_description(to_regclass('"ectowatch"."status"'), 'pg_class'), shared) THEN
                DROP VIEW "ectowatch"."status";
            END IF;
        EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist OR wrong_object_type THEN
            NULL;  -- another role has made it, or something that uses it
        END;
        FOR part IN
            SELECT
                format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS command
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.pronamespace = home AND starts_with(obj_description(p.oid, 'pg_proc'), shared)
        LOOP
            BEGIN
                EXECUTE part.command;
            EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
                NULL;  -- another role has made it, or something that uses it
            END;
        END LOOP;
        BEGIN
            IF starts_with(obj_description(home, 'pg_namespace'), shared) THEN
                DROP SCHEMA "ectowatch";
            END IF;
        EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
            NULL;  -- another role has made it, or it has other objects
        END;
    END IF;
    RETURN dropped;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."uninstall"(text) IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
CREATE SEQUENCE IF NOT EXISTS "ectowatch"."shop.lost" MINVALUE 1 START 1 CACHE 1;
CREATE SEQUENCE IF NOT EXISTS "ectowatch"."shop.lease" MINVALUE 1 START 1 CACHE 1;
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.journal.0" (  -- without a primary key, which would slow the writers; the task empties it by TRUNCATE
    lsn pg_lsn NOT NULL,  -- where the write-ahead log ended before the row was written: the order of the rows
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layout int4 NOT NULL,  -- what the body has: see the table of layouts
    event "char" NOT NULL,  -- i inserted, u updated, d deleted, t truncated, r resync, I key inserted, D key deleted
    body text NOT NULL  -- the keys and extra columns of the changed rows
) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE INDEX IF NOT EXISTS "shop.journal.0.lsn" ON "ectowatch"."shop.journal.0" (lsn);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.journal.1" (  -- without a primary key, which would slow the writers; the task empties it by TRUNCATE
    lsn pg_lsn NOT NULL,  -- where the write-ahead log ended before the row was written: the order of the rows
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layout int4 NOT NULL,  -- what the body has: see the table of layouts
    event "char" NOT NULL,  -- i inserted, u updated, d deleted, t truncated, r resync, I key inserted, D key deleted
    body text NOT NULL  -- the keys and extra columns of the changed rows
) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE INDEX IF NOT EXISTS "shop.journal.1.lsn" ON "ectowatch"."shop.journal.1" (lsn);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.journal.2" (  -- without a primary key, which would slow the writers; the task empties it by TRUNCATE
    lsn pg_lsn NOT NULL,  -- where the write-ahead log ended before the row was written: the order of the rows
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layout int4 NOT NULL,  -- what the body has: see the table of layouts
    event "char" NOT NULL,  -- i inserted, u updated, d deleted, t truncated, r resync, I key inserted, D key deleted
    body text NOT NULL  -- the keys and extra columns of the changed rows
) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE INDEX IF NOT EXISTS "shop.journal.2.lsn" ON "ectowatch"."shop.journal.2" (lsn);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.layouts" (  -- how to read the body of the journal rows
    id int4 NOT NULL,  -- journal.layout
    layout text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (layout)
);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.owner" (  -- one row: which task may change the journal, and how far it has been emptied
    token text NOT NULL,
    epoch int8 NOT NULL,
    emptied_from pg_snapshot,
    emptied_to pg_snapshot,
    emptied_lsn pg_lsn,
    emptied_xid xid8,
    emptied_index int8,
    emptied_at timestamptz,
    PRIMARY KEY (token)
);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.watched" (  -- the state of the watched tables at the last check
    relation oid NOT NULL,
    root oid NOT NULL,
    storage int8 NOT NULL,
    triggers int8,
    PRIMARY KEY (relation)
);
CREATE TABLE IF NOT EXISTS "ectowatch"."shop.backfills" (  -- the backfills that have not ended, for the view "status"
    id text NOT NULL,
    relation text NOT NULL,
    cause text NOT NULL,  -- call, new, resync
    published int8 NOT NULL,  -- how many rows were published
    noted bool NOT NULL,  -- whether a task has found the request
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction of the request
    PRIMARY KEY (id)
);
CREATE SEQUENCE IF NOT EXISTS "ectowatch"."shop.ring" MINVALUE 0 START 0 CACHE 1;
CREATE SEQUENCE IF NOT EXISTS "ectowatch"."shop.spare" MINVALUE 0 START 0 CACHE 1;
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
            ('"ectowatch"."shop.lost"'::regclass, 'SEQUENCE', NULL),
            ('"ectowatch"."shop.lease"'::regclass, 'SEQUENCE', NULL),
            ('"ectowatch"."shop.journal.0"'::regclass, 'TABLE', 'FULL'),
            ('"ectowatch"."shop.journal.1"'::regclass, 'TABLE', 'FULL'),
            ('"ectowatch"."shop.journal.2"'::regclass, 'TABLE', 'FULL'),
            ('"ectowatch"."shop.layouts"'::regclass, 'TABLE', 'DEFAULT'),
            ('"ectowatch"."shop.owner"'::regclass, 'TABLE', 'DEFAULT'),
            ('"ectowatch"."shop.watched"'::regclass, 'TABLE', 'DEFAULT'),
            ('"ectowatch"."shop.backfills"'::regclass, 'TABLE', 'DEFAULT'),
            ('"ectowatch"."shop.ring"'::regclass, 'SEQUENCE', NULL),
            ('"ectowatch"."shop.spare"'::regclass, 'SEQUENCE', NULL)
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
SELECT setval('"ectowatch"."shop.lease"', (date_part('epoch', clock_timestamp()) + 259200)::int8) FROM "ectowatch"."shop.lease" WHERE NOT is_called;
SELECT setval('"ectowatch"."shop.ring"', 0) FROM "ectowatch"."shop.ring" WHERE NOT is_called;
SELECT setval('"ectowatch"."shop.spare"', 0) FROM "ectowatch"."shop.spare" WHERE NOT is_called;
COMMENT ON SEQUENCE "ectowatch"."shop.lost" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON SEQUENCE "ectowatch"."shop.lease" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.journal.0" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.journal.1" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.journal.2" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.layouts" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.owner" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.watched" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON TABLE "ectowatch"."shop.backfills" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON SEQUENCE "ectowatch"."shop.ring" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON SEQUENCE "ectowatch"."shop.spare" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
CREATE OR REPLACE FUNCTION "ectowatch"."shop.order"(
    remembered text, relation oid, operation text, level text,
    number bigint, key_changed boolean, context text,
    place bigint, room bigint)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: finds the place of a statement's changes within its transaction.
-- Called by: the functions of the triggers, where the order may differ.
-- Reads: PostgreSQL's counters of changed rows; a setting of the transaction.
-- Writes: that setting.
-- On failure: returns null; the caller announces it, and the task publishes resync records.
--
-- Triggers do not always fire in the order of the changes. A statement in a trigger or a function of the application fires
-- before the statement that called it, which may have changed the same row before. In a WITH, an INSERT may fire before the
-- DELETE whose row it inserts again.
--
-- A transaction-local setting records the triggers that have fired since the client's last message, as entries. If fewer
-- rows were changed since an entry than the statement changed, the statement began before that entry, by PostgreSQL's counters.
--
-- Returns 0 if the changes come after all others; 1 if they do, and later changes may have to precede them; the place of
-- the changes that they must precede, negated if this does not apply to the statement's insertions; null if the place is
-- unknown, which must be announced. Without a place, it only counts.
DECLARE
    message     CONSTANT text := (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text;
    memory_text CONSTANT text := current_setting(remembered, true);
    -- The context's first line is the trigger's function.
    depth       CONSTANT bigint := length(substr(context, strpos(context || E'\n', E'\n') + 1));
    inserts     CONSTANT boolean := operation = 'INSERT' OR key_changed;
    deletes     CONSTANT boolean := operation = 'DELETE' OR key_changed;
BEGIN
    IF starts_with(memory_text, message) IS NOT TRUE THEN
        -- Nothing has fired since the client's last message.
        IF place IS NOT NULL AND number > 0 AND (depth > 0 OR inserts) THEN
            PERFORM set_config(
                remembered,
                message || concat_ws(  -- an entry, see below
                    ',',
                    '{0',
                    coalesce(pg_relation_filenode(relation), 0),
                    place,
                    60,
                    depth,
                    pg_stat_get_xact_tuples_inserted(relation),
                    pg_stat_get_xact_tuples_updated(relation),
                    pg_stat_get_xact_tuples_deleted(relation),
                    inserts::int,
                    CASE WHEN deletes THEN (depth + 1) || ',' || (depth + 1) ELSE '0,0' END,
                    '0,0,0}'),
                true);
            RETURN 1;
        END IF;
        IF memory_text <> '' THEN
            PERFORM set_config(remembered, '', true);
        END IF;
        RETURN 0;
    END IF;

    DECLARE
        -- The memory: 1 if there were too many entries, else 0; then entries. An entry e has these fields:
        --     e             filenode of the table
        --     e + 1         place of its changes
        --     e + 2         free places before them
        --     e + 3         length of their longest context
        --     e + 4 to 6    the counters of inserted, updated and deleted rows, as they are if nothing else has changed since
        --     e + 7         1 if it inserts
        --     e + 8 and 9   length of the shortest and the longest context of its deletions, plus 1; 0 if it deletes nothing
        --     e + 10 to 12  for each counter: length of the shortest context, plus 1, of the changes that seemed to come later
        fields      CONSTANT integer := 13;
        first       CONSTANT integer := 2;
        most        CONSTANT integer := 40;
        filenode    CONSTANT bigint := coalesce(pg_relation_filenode(relation), 0);
        counter     CONSTANT integer := CASE operation WHEN 'INSERT' THEN 4 WHEN 'UPDATE' THEN 5 ELSE 6 END;
        counts      CONSTANT bigint[] := ARRAY[
            pg_stat_get_xact_tuples_inserted(relation),
            pg_stat_get_xact_tuples_updated(relation),
            pg_stat_get_xact_tuples_deleted(relation)
        ];
        memory      bigint[] := substr(memory_text, length(message) + 1)::bigint[];
        changed     bigint;  -- since an entry, by unknown statements
        seemed      bigint;
        last        integer;  -- the last entry of this table
        target      integer;  -- the entry that the changes must precede
        apart       boolean := false;  -- except the insertions
        unknown     boolean := false;
        result      bigint := 0;
    BEGIN
        IF counts[counter - 3] < number THEN
            unknown := true;  -- PostgreSQL does not count: track_counts is off
        END IF;
        FOR e IN first .. cardinality(memory) BY fields LOOP
            CONTINUE WHEN memory[e] <> filenode;
            last := e;
            changed := counts[counter - 3] - memory[e + counter];
            memory[e + counter] := memory[e + counter] + least(changed, number);
            IF changed >= number THEN
                -- All of its rows come after the entry, unless unknown statements changed other rows.
                IF
                    changed > number
                    AND (
                        memory[e + 3] > depth
                        OR deletes AND memory[e + 7] = 1 AND memory[e + 3] = depth
                    )
                THEN
                    unknown := true;
                    memory[e + counter] := counts[counter - 3];
                END IF;
                seemed := memory[e + counter + 6];
                memory[e + counter + 6] := CASE WHEN seemed = 0 THEN depth + 1 ELSE least(seemed, depth + 1) END;
                CONTINUE;
            END IF;
            -- A query deletes a key before it inserts it, since it does not see its own insertions. Row triggers fire in the
            -- order of the rows, which is also the order of the keys, unless the primary key is deferrable.
            CONTINUE WHEN
                memory[e + 3] = depth
                AND (
                    NOT deletes
                    OR level = 'ROW' AND EXISTS (
                        SELECT FROM pg_index AS i
                        WHERE i.indrelid = relation AND i.indisprimary AND i.indimmediate
                    )
                );
            IF inserts AND memory[e + 9] > 0 THEN
                IF memory[e + 8] > depth + 1 THEN
                    -- Deletions of rows inserted here, or of earlier rows?
                    unknown := unknown
                        OR changed > 0
                        OR NOT EXISTS (
                            SELECT FROM pg_index AS i
                            WHERE i.indrelid = relation AND i.indisprimary AND i.indimmediate
                        );
                ELSIF memory[e + 3] = depth THEN
                    apart := true;
                ELSE
                    unknown := true;
                END IF;
            END IF;
            -- Earlier changes of the same query seemed to come after the entry: the order may be the reverse.
            unknown := unknown OR changed < 0 OR memory[e + counter + 6] BETWEEN 1 AND depth + 1;
            target := coalesce(target, e);
        END LOOP;

        IF place IS NULL OR number = 0 THEN
            NULL;
        ELSIF target IS NOT NULL THEN
            -- Without room, as for a notification, the deletions alone move: further deletions may follow them, nothing else.
            unknown := unknown OR memory[target + 2] < room AND NOT (apart AND room = 0);
            result := CASE WHEN apart THEN -memory[target + 1] ELSE memory[target + 1] END;
            memory[target + 1] := CASE WHEN room > 0 OR apart THEN memory[target + 1] - room ELSE place END;
            memory[target + 2] := CASE WHEN room = 0 AND apart THEN -1 ELSE memory[target + 2] - room END;
        ELSIF depth > 0 OR inserts THEN
            result := 1;
            IF last IS NOT NULL AND counts = memory[last + 4 : last + 6] THEN
                target := last;
            ELSIF cardinality(memory) < first + fields * most THEN
                target := cardinality(memory) + 1;
                memory := memory || ARRAY[filenode, place, 60, depth] || counts || ARRAY[0, 0, 0, 0, 0, 0]::bigint[];
            ELSE
                memory[1] := 1;
            END IF;
        END IF;
        IF target IS NOT NULL THEN
            memory[target + 3] := greatest(memory[target + 3], depth);
            IF inserts THEN
                memory[target + 7] := 1;
            END IF;
            IF deletes THEN
                memory[target + 8] := CASE
                    WHEN memory[target + 8] = 0 THEN depth + 1
                    ELSE least(memory[target + 8], depth + 1)
                END;
                memory[target + 9] := greatest(memory[target + 9], depth + 1);
            END IF;
        END IF;
        PERFORM set_config(remembered, message || memory::text, true);
        RETURN CASE WHEN place IS NULL THEN 0 WHEN unknown OR memory[1] = 1 THEN NULL ELSE result END;
    END;
EXCEPTION WHEN others THEN
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint) IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.context"() RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: gives what the transaction says about its changes, as a JSON object that stands before them.
-- Called by: the functions of the triggers.
-- Reads: the settings ectowatch.context and ectowatch.traceparent; they are '' after a transaction that had them.
-- Writes: nothing.
-- On failure: returns an object that says that something was left out. The change itself is captured.
DECLARE
    context     text := nullif(current_setting('ectowatch.context', true), '');
    traceparent text := nullif(current_setting('ectowatch.traceparent', true), '');
    left_out    boolean := false;
    fields      text[] := '{}';
BEGIN
    IF context IS NOT NULL THEN
        -- In a database whose encoding is not UTF8, this fails for a text that has no equivalent there.
        IF octet_length(context) <= 4096 AND octet_length(convert_to(context, 'UTF8')) <= 4096 THEN
            fields := array_append(fields, '"context":' || to_json(context));
        ELSE
            left_out := true;
        END IF;
    END IF;
    IF traceparent IS NOT NULL THEN
        -- The task checks its format.
        IF octet_length(traceparent) <= 255 AND octet_length(traceparent) = length(traceparent) THEN
            fields := array_append(fields, '"traceparent":' || to_json(traceparent));
        ELSE
            left_out := true;
        END IF;
    END IF;
    PERFORM convert_to(session_user, 'UTF8');
    fields := array_append(fields, '"session_user":' || to_json(session_user::text));
    IF current_setting('application_name') <> '' THEN
        PERFORM convert_to(current_setting('application_name'), 'UTF8');
        fields := array_append(fields, '"application_name":' || to_json(current_setting('application_name')));
    END IF;
    IF left_out THEN
        fields := array_append(fields, '"left_out":true');
    END IF;
    RETURN '{' || array_to_string(fields, ',') || '},';
EXCEPTION WHEN others THEN
    RETURN '{"left_out":true},';
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.context"() IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.context"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.fit"(journals regclass[]) RETURNS boolean
LANGUAGE plpgsql
IMMUTABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: finds out whether the triggers can insert into these tables, or privileges were revoked or a table was altered.
-- Called by: PostgreSQL, when it plans a trigger's query. The arguments are constants and the function is marked IMMUTABLE,
--     although it is not: so it is called again only after one of the tables has changed. Each session pays for that once, so
--     it looks at little: each further query would have to be planned.
-- Reads: the catalogs.
-- Writes: nothing.
-- On failure: raises an error. The trigger catches it and records a loss. The statement of the application goes on.
DECLARE
    -- In a new session, PostgreSQL finds an operator or a function faster if no argument needs a conversion.
    tables   oid[] := journals;
    journal  oid;
    number   bigint;
BEGIN
    FOREACH journal IN ARRAY tables LOOP
        IF has_table_privilege(journal, 'INSERT'::text) IS NOT TRUE OR row_security_active(journal) THEN
            RAISE EXCEPTION 'no privilege to insert into %', journal::regclass;
        END IF;
    END LOOP;
    PERFORM FROM pg_class
    WHERE oid = ANY (tables) AND relkind = 'r'::"char" AND relnatts = 6::int2 AND relchecks = 0::int2
        AND NOT (relispartition OR relhastriggers OR relhasrules);
    GET DIAGNOSTICS number = ROW_COUNT;
    IF number < cardinality(tables) THEN
        -- What has been dropped leaves a mark in pg_class.
        IF
            (
                SELECT count(*)
                FROM pg_class
                WHERE oid = ANY (tables) AND relkind = 'r' AND relchecks = 0 AND NOT relispartition
            ) < cardinality(tables)
            OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ANY (tables))
            OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = ANY (tables))
        THEN
            RAISE EXCEPTION 'a journal table has a constraint, a trigger or a rule';
        END IF;
        -- Another column does no harm if it may be null.
        IF EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = ANY (tables) AND attnum > 6 AND NOT attisdropped
                AND (attnotnull OR atthasdef OR atttypid >= 16384)
        ) THEN
            RAISE EXCEPTION 'a column of a journal table was added that can refuse rows';
        END IF;
    END IF;
    PERFORM FROM pg_attribute
    WHERE attrelid = ANY (tables) AND attnum > 0::int2 AND attnotnull
        AND attname = ('{lsn,xid,at,layout,event,body}'::name[])[attnum]
        AND atttypid = (ARRAY['pg_lsn', 'xid8', 'timestamptz', 'int4', '"char"', 'text']::regtype[]::oid[])[attnum]
        AND atthasdef = ('{f,t,t,f,f,f}'::bool[])[attnum];
    GET DIAGNOSTICS number = ROW_COUNT;
    IF number < 6 * cardinality(tables) THEN
        RAISE EXCEPTION 'the columns of a journal table were altered';
    END IF;
    IF EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = ANY (tables) AND (indisunique OR indexprs IS NOT NULL OR indpred IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'a journal table has an index that can refuse rows';
    END IF;
    RETURN true;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.fit"(regclass[]) IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.fit"(regclass[]) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.guard"() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 1  -- milliseconds: does not wait for a table that is being emptied
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: suspends the journal when it is too large, or when no task has read it for too long, so that it cannot fill the
--     disk.
-- Called by: the triggers, for one journal row in 1024, and for large rows more often.
-- Reads: the size of the journal tables; the sequence of the lease.
-- Writes: the sequences that make the triggers stop writing, and the task publish resync records.
-- On failure: a line in the server's log. The statement of the application goes on.
DECLARE
    taken    bigint;
    further  text;
BEGIN
    taken := pg_total_relation_size('"ectowatch"."shop.journal.0"'::regclass)
        + pg_total_relation_size('"ectowatch"."shop.journal.1"'::regclass)
        + pg_total_relation_size('"ectowatch"."shop.journal.2"'::regclass);
    FOREACH further IN ARRAY ARRAY[
        '"ectowatch"."shop.journal.3"',
        '"ectowatch"."shop.journal.4"',
        '"ectowatch"."shop.journal.5"',
        '"ectowatch"."shop.journal.6"',
        '"ectowatch"."shop.journal.7"',
        '"ectowatch"."shop.journal.8"',
        '"ectowatch"."shop.journal.9"',
        '"ectowatch"."shop.journal.10"',
        '"ectowatch"."shop.journal.11"',
        '"ectowatch"."shop.journal.12"',
        '"ectowatch"."shop.journal.13"',
        '"ectowatch"."shop.journal.14"',
        '"ectowatch"."shop.journal.15"',
        '"ectowatch"."shop.journal.16"',
        '"ectowatch"."shop.journal.17"',
        '"ectowatch"."shop.journal.18"'
    ] LOOP
        EXIT WHEN to_regclass(further) IS NULL;
        taken := taken + coalesce(pg_total_relation_size(to_regclass(further)), 0);
    END LOOP;
    IF
        taken > 1073741824
        OR pg_sequence_last_value('"ectowatch"."shop.lease"'::regclass) < date_part('epoch', clock_timestamp())
    THEN
        PERFORM setval(
            '"ectowatch"."shop.lost"'::regclass,
            (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10 + CASE WHEN taken > 1073741824 THEN 1 ELSE 2 END);
        PERFORM setval(to_regclass('"ectowatch"."shop.spare"'), 0);
        PERFORM setval('"ectowatch"."shop.ring"'::regclass, 3);
        RAISE LOG 'ectowatch: the journal of connector % is suspended: %', 'shop',
            CASE WHEN taken > 1073741824 THEN 'it is full' ELSE 'no task has read it for too long' END;
    END IF;
EXCEPTION
    WHEN lock_not_available THEN
        NULL;  -- a table is being emptied; a later call will check
    WHEN others THEN
        RAISE LOG 'ectowatch: the journal could not be checked: %', SQLERRM;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.guard"() IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.guard"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.append"(
    state bigint, layout integer, event text, entries text, oversized bigint)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: writes one journal row for several changes of one statement, or where a trigger cannot write it by itself.
-- Called by: the functions of the triggers; the task, to write a resync.
-- Reads: the sequence that says which journal table is written to.
-- Writes: one row in a journal table; nothing while the journal is suspended.
-- On failure: the statement of the application fails only if the row cannot be written, as on a full disk.
DECLARE
    change_lsn  pg_lsn := pg_current_wal_insert_lsn();
    further     integer;
    target      text;
BEGIN
    IF oversized > 0 THEN  -- keys that are too large for a journal row
        PERFORM setval(
            '"ectowatch"."shop.lost"'::regclass,
            (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
    END IF;
    IF entries IS NULL THEN
        RETURN;
    END IF;
    IF event NOT IN ('r', 'b') THEN
        BEGIN
            entries := "ectowatch"."shop.context"() || entries;
        EXCEPTION WHEN others THEN  -- the function is gone; the task will notice
            entries := '{"left_out":true},' || entries;
        END;
    END IF;
    IF state & 16 <> 0 THEN
        DECLARE
            -- The next and the last free place before the changes that this one precedes, and whether insertions keep their
            -- order; or three times 0, if other changes may have to precede this one.
            places  bigint[];
        BEGIN
            places := current_setting('ectowatch.p07d6dac413e851b3')::bigint[];
            IF places[1] = 0 THEN
                change_lsn := change_lsn + 64;
            ELSIF places[3] = 1 AND event = 'I' THEN
                NULL;
            ELSIF places[1] < places[2] THEN
                PERFORM setval(
                    '"ectowatch"."shop.lost"'::regclass,
                    (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
            ELSE
                change_lsn := '0/0'::pg_lsn + places[1];
                PERFORM set_config('ectowatch.p07d6dac413e851b3', ARRAY[places[1] - 1, places[2], places[3]]::text, true);
            END IF;
        EXCEPTION WHEN others THEN  -- something else has changed the setting
            PERFORM setval(
                '"ectowatch"."shop.lost"'::regclass,
                (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
        END;
    END IF;
    -- The journal may have been suspended since the statement began.
    CASE (
        CASE
            WHEN coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0) & 3 = 3 THEN 3
            ELSE state & 3
        END
    )
        WHEN 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        WHEN 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        WHEN 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        ELSE
            -- One of the further tables, or none. The transaction takes its ID before it reads which one: a table is
            -- dropped only when all transactions that had an ID while the table was in use have ended.
            PERFORM pg_current_xact_id();
            further := coalesce(pg_sequence_last_value(to_regclass('"ectowatch"."shop.spare"')), 0);
            IF further > 0 THEN
                target := (ARRAY[
                    '"ectowatch"."shop.journal.3"',
                    '"ectowatch"."shop.journal.4"',
                    '"ectowatch"."shop.journal.5"',
                    '"ectowatch"."shop.journal.6"',
                    '"ectowatch"."shop.journal.7"',
                    '"ectowatch"."shop.journal.8"',
                    '"ectowatch"."shop.journal.9"',
                    '"ectowatch"."shop.journal.10"',
                    '"ectowatch"."shop.journal.11"',
                    '"ectowatch"."shop.journal.12"',
                    '"ectowatch"."shop.journal.13"',
                    '"ectowatch"."shop.journal.14"',
                    '"ectowatch"."shop.journal.15"',
                    '"ectowatch"."shop.journal.16"',
                    '"ectowatch"."shop.journal.17"',
                    '"ectowatch"."shop.journal.18"'
                ])[further - 2];
                -- Only if another session has dropped it, or revoked the privilege.
                IF has_table_privilege(to_regclass(target), 'INSERT') IS NOT TRUE THEN
                    PERFORM setval(
                        '"ectowatch"."shop.lost"'::regclass,
                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                ELSE
                    EXECUTE 'INSERT INTO ' || target || ' (lsn, layout, event, body) VALUES ($1, $2, $3::"char", $4)'
                    USING change_lsn, $2, $3, entries;
                END IF;
            END IF;  -- else the journal is suspended; the task will announce the gap
    END CASE;
    -- One row in 1024, and more often the larger the row, so that one statement cannot write much beyond the limit.
    IF
        pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entries) * 256::float8
        AND to_regprocedure('"ectowatch"."shop.guard"()') IS NOT NULL
    THEN
        PERFORM "ectowatch"."shop.guard"();
    END IF;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.append"(bigint, integer, text, text, bigint) IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.append"(bigint, integer, text, text, bigint) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.backfill"(target oid, condition text, stopped text) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: requests or stops a backfill. The request is a journal row, so the task finds it in the order of the changes.
-- Called by: the functions backfill and backfill_stop of this schema.
-- Reads: the catalogs; the sequences of the journal; the table of layouts.
-- Writes: one row in a journal table, and one for the view "status"; NOTIFY, if the task sleeps.
-- On failure: nothing is written, and the error says what to do.
DECLARE
    state        CONSTANT bigint := coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
    request      CONSTANT text := gen_random_uuid();
    table_name   CONSTANT text := target::regclass;
    reader       name;  -- the role that will read the table
    layout_id    integer;
    carried      json;
    needed       text[];  -- the columns that it must be able to read
    missing      text;
    read_by      text;  -- the function that reads the table
BEGIN
    IF stopped IS NULL THEN
        SELECT l.id, l.definition::json INTO layout_id, carried
        FROM pg_trigger AS t
        JOIN pg_proc AS p ON p.oid = t.tgfoid
        JOIN "ectowatch"."shop.layouts" AS l ON l.layout = obj_description(p.oid, 'pg_proc')::json ->> 'layout'
        WHERE t.tgrelid = target AND t.tgparentid = 0 AND p.pronamespace = to_regnamespace('"ectowatch"')
          AND starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":"shop",')
        ORDER BY l.id DESC
        LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Connector % does not watch table %.', 'shop', table_name
                USING HINT = 'Add the table to the connector''s configuration and wait until its triggers exist.'
                             || ' Of a partitioned table, name the table that the connector watches, not a partition.',
                      ERRCODE = 'undefined_table';
        END IF;
        -- After the table and the length of its key, a definition has three texts for each column, among other parts.
        needed := ARRAY(SELECT c.value #>> '{}'
                        FROM (SELECT d.value, row_number() OVER (ORDER BY d.place) AS number
                              FROM json_array_elements(carried) WITH ORDINALITY AS d (value, place)
                              WHERE d.place > 3 AND json_typeof(d.value) = 'string') AS c
                        WHERE c.number % 3 = 1);
        -- And for each condition of a watcher, the columns that it names, or all if it uses a row as a whole.
        needed := needed || ARRAY(
            WITH conditions (text) AS (
                SELECT substring(p.prosrc FROM 'RETURN coalesce\(\((.*)\), false\);')
                FROM pg_proc AS p
                JOIN pg_class AS c ON c.oid = target
                JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE p.pronamespace = to_regnamespace('"ectowatch"') AND oidvectortypes(p.proargtypes) = 'record, record'
                  AND CASE WHEN starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":"shop",')
                           THEN obj_description(p.oid, 'pg_proc')::json ->> 'table' = n.nspname || '.' || c.relname END
            ), words (word, following) AS (
                SELECT m.found[1], lead(m.found[1], 1, '') OVER (PARTITION BY x.text ORDER BY m.place)
                FROM conditions AS x
                CROSS JOIN regexp_matches(x.text, $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|[[:alpha:]_][[:alnum:]_$]*|[0-9]+\.?|[^[:space:]])$re$,
                    $$g$$) WITH ORDINALITY AS m (found, place)
            )
            SELECT a.attname::text FROM pg_attribute AS a
            WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
              AND EXISTS (SELECT FROM words AS w
                          WHERE a.attname = lower(w.word) OR '"' || replace(a.attname, '"', '""') || '"' = w.word
                             OR lower(w.word) IN ('new', 'old') AND w.following <> '.' OR w.word = '.' AND w.following = '*'));

        IF condition IS NOT NULL THEN
            <<checked>>
            DECLARE
                functions CONSTANT text[] := ARRAY['abs', 'btrim', 'ceil', 'coalesce', 'date_part', 'date_trunc', 'floor',
                    'greatest', 'least', 'left', 'length', 'lower', 'ltrim', 'mod', 'nullif', 'octet_length', 'right',
                    'round', 'rtrim', 'starts_with', 'strpos', 'substr', 'trunc', 'upper'];
                types     CONSTANT text[] := ARRAY['bigint', 'bool', 'boolean', 'bytea', 'cidr', 'date', 'double', 'inet',
                    'int', 'int2', 'int4', 'int8', 'integer', 'interval', 'jsonb', 'numeric', 'precision', 'real',
                    'smallint', 'text', 'time', 'timestamp', 'timestamptz', 'uuid', 'varchar'];
                keywords  CONSTANT text[] := ARRAY['all', 'and', 'any', 'array', 'at', 'between', 'case', 'current_date',
                    'current_timestamp', 'distinct', 'else', 'end', 'false', 'from', 'ilike', 'in', 'is', 'isnull', 'like',
                    'not', 'notnull', 'null', 'or', 'symmetric', 'then', 'true', 'unknown', 'when', 'zone'];
                columns   CONSTANT text[] := ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v');
                words     CONSTANT text[] := ARRAY(SELECT m.found[1] FROM regexp_matches(condition,
                    $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|[[:alpha:]_][[:alnum:]_$]*|[0-9]+(?:\.[0-9]+)?|::|[^[:space:]])$re$,
                    $$g$$) AS m (found));
                word      text;
                before    text := '';
                after     text;
                allowed   boolean;
                row_type  text;
            BEGIN
                IF EXISTS (SELECT FROM pg_type WHERE typnamespace = pg_my_temp_schema()) THEN
                    RAISE EXCEPTION 'A backfill with a condition cannot be requested in a session that has temporary tables.'
                        USING HINT = 'Use another session.';
                END IF;
                -- The condition will run with the rights of the connector. So each word must be known to be harmless.
                FOR i IN 1 .. cardinality(words) LOOP
                    word := words[i];
                    after := coalesce(words[i + 1], '');
                    IF left(word, 1) = '''' AND length(word) > 1 THEN
                        allowed := strpos(word, '\') = 0
                            AND (before = '' OR before ~ '^[^[:alnum:]_$''")\]]' OR before = ANY (keywords) OR before = ANY (types));
                    ELSIF left(word, 1) = '"' AND length(word) > 1 THEN
                        word := replace(substr(word, 2, length(word) - 2), '""', '"');
                        allowed := word = ANY (columns) AND before <> '::' AND left(after, 1) <> ALL (ARRAY['(', '''', '.']);
                        needed := needed || word;
                        word := '"';
                    ELSIF word ~ '^[[:alpha:]_]' THEN
                        word := lower(word);
                        allowed := CASE
                            WHEN before = '::' THEN word = ANY (types)
                            WHEN before = '.' THEN word = ANY (columns) AND left(after, 1) <> ALL (ARRAY['(', '''', '.'])
                            WHEN after = '.' THEN word = 'new'
                            WHEN after = '(' THEN word = ANY (functions) OR word = ANY (keywords)
                            WHEN left(after, 1) = '''' THEN word = ANY (types) OR word = ANY (keywords)
                            ELSE word = ANY (columns) OR word = ANY (types) OR word = ANY (keywords) END;
                        IF word = ANY (columns) THEN
                            needed := needed || word;
                        END IF;
                    ELSIF word = '.' THEN
                        allowed := before = 'new';
                    ELSE
                        allowed := (word = '::' OR word ~ '^[0-9]' OR strpos('()[],=<>+-*/%|&~!#@^', word) > 0)
                            AND NOT (word = '-' AND after = '-' OR word = '/' AND after = '*');
                    END IF;
                    IF allowed IS NOT TRUE THEN
                        RAISE EXCEPTION 'The condition must not contain % at this place.', words[i]
                            USING HINT = 'It can use columns of the table, constants without backslashes, operators, casts to'
                                         || ' built-in types, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, CASE, and these functions: '
                                         || array_to_string(functions, ', ') || '.',
                                  ERRCODE = 'syntax_error';
                    END IF;
                    before := word;
                END LOOP;
                -- Values of types that a role has created are texts in the condition. PREPARE analyses, and runs nothing.
                WITH RECURSIVE unwrapped (attname, attnum, type) AS (
                    SELECT a.attname, a.attnum, a.atttypid FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attname = ANY (columns)
                    UNION ALL
                    SELECT u.attname, u.attnum, d.typbasetype
                    FROM unwrapped AS u JOIN pg_type AS d ON d.oid = u.type AND d.typtype = 'd'
                )
                SELECT string_agg(format('NULL::%s AS %I', CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace
                                                                THEN format_type(y.oid, NULL) ELSE 'text' END, u.attname),
                                  ', ' ORDER BY u.attnum)
                INTO row_type
                FROM unwrapped AS u JOIN pg_type AS y ON y.oid = u.type AND y.typtype <> 'd';
                BEGIN
                    EXECUTE format(E'PREPARE %I AS SELECT FROM (SELECT %s) AS "new" WHERE (\n%s\n)', request, row_type, condition);
                    EXECUTE format('DEALLOCATE %I', request);
                EXCEPTION WHEN others THEN
                    RAISE EXCEPTION 'The condition is not valid for table %: %.', table_name, SQLERRM USING ERRCODE = SQLSTATE;
                END;
            END;
        END IF;

        -- If another role has installed the connector's objects, the connector's role has privileges on them.
        SELECT coalesce(min(g.rolname), min(o.rolname)) INTO reader
        FROM pg_class AS c
        JOIN pg_roles AS o ON o.oid = c.relowner
        LEFT JOIN aclexplode(c.relacl) AS a ON a.grantee <> c.relowner AND a.privilege_type = 'UPDATE'
        LEFT JOIN pg_roles AS g ON g.oid = a.grantee
        WHERE c.oid = '"ectowatch"."shop.owner"'::regclass;
        -- Or it calls a function that reads the table, which takes no condition.
        read_by := (SELECT p.oid::regprocedure
                    FROM pg_proc AS p
                    JOIN pg_class AS c ON c.oid = target
                    JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE p.pronamespace = to_regnamespace('"ectowatch"')
                      AND oidvectortypes(p.proargtypes) = 'text[], integer'
                      AND CASE WHEN starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":"shop",')
                               THEN obj_description(p.oid, 'pg_proc')::json ->> 'table' = n.nspname || '.' || c.relname END);
        missing := (SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attname = ANY (needed)
                      AND NOT has_column_privilege(reader, target, a.attnum, 'SELECT'));
        IF missing IS NOT NULL AND (read_by IS NULL OR condition IS NOT NULL) THEN
            RAISE EXCEPTION 'The connector''s role % may not read columns % of table %.', reader, missing, table_name
                USING HINT = CASE WHEN read_by IS NOT NULL
                                  THEN 'A backfill with a condition does not use function ' || read_by
                                       || ', which takes no condition. Start it without the condition. Or run: '
                                  ELSE 'Run: ' END
                             || format('GRANT SELECT (%s) ON %s TO %I;', missing, table_name, reader)
                             || CASE WHEN read_by IS NULL AND condition IS NULL AND reader <> current_user
                                     THEN ' Or set backfill to new, resync or both, and run the SQL of install.mode=print again:'
                                          || ' then a function of the table''s owner reads the table.'
                                     ELSE '' END,
                      ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF state & 3 = 3 AND coalesce(pg_sequence_last_value(to_regclass('"ectowatch"."shop.spare"')), 0) = 0 THEN
        RAISE EXCEPTION 'The journal of connector % is suspended, because it was full or not read for too long.', 'shop'
            USING HINT = 'Start the connector and wait until it has resumed the journal. Then try again.',
                  ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM "ectowatch"."shop.append"(state, coalesce(layout_id, 0), 'b',
                      CASE WHEN stopped IS NULL THEN json_build_object('id', request, 'condition', condition)
                           ELSE json_build_object('stop', stopped) END::text, 0);
    IF stopped IS NULL THEN
        INSERT INTO "ectowatch"."shop.backfills" (id, relation, cause, published, noted) VALUES (request, table_name, 'call', 0, false);
    END IF;
    IF state & 4 <> 0 THEN
        -- A sleeping task holds this lock.
        IF pg_try_advisory_lock_shared(926009658, -1827399377) THEN
            PERFORM pg_advisory_unlock_shared(926009658, -1827399377);
        ELSIF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify('ectowatch.shop', '');
        END IF;
    END IF;
    RETURN request;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.backfill"(oid, text, text) IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.backfill"(oid, text, text) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.facts"() RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 500
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: gives times, sizes and counters of the connector, and nothing of the contents of any row.
-- Called by: the function "connectors", for the view "status".
-- Reads: the sequences of the connector; its tables "owner", "watched" and "backfills"; the time of the oldest row of each journal table.
-- Writes: nothing.
-- On failure: the view shows the error.
DECLARE
    watched  bigint[];
    mine     oid[];  -- a relation of another role could run code of that role
    part     record;
    row_time timestamptz;
    oldest   timestamptz;
    emptied  timestamptz;
    bytes    jsonb := '{}';
    open     jsonb;
BEGIN
    mine := ARRAY(
        SELECT c.oid
        FROM unnest(ARRAY[
            '"ectowatch"."shop.owner"',
            '"ectowatch"."shop.watched"',
            '"ectowatch"."shop.backfills"',
            '"ectowatch"."shop.journal.0"',
            '"ectowatch"."shop.journal.1"',
            '"ectowatch"."shop.journal.2"',
            '"ectowatch"."shop.journal.3"',
            '"ectowatch"."shop.journal.4"',
            '"ectowatch"."shop.journal.5"',
            '"ectowatch"."shop.journal.6"',
            '"ectowatch"."shop.journal.7"',
            '"ectowatch"."shop.journal.8"',
            '"ectowatch"."shop.journal.9"',
            '"ectowatch"."shop.journal.10"',
            '"ectowatch"."shop.journal.11"',
            '"ectowatch"."shop.journal.12"',
            '"ectowatch"."shop.journal.13"',
            '"ectowatch"."shop.journal.14"',
            '"ectowatch"."shop.journal.15"',
            '"ectowatch"."shop.journal.16"',
            '"ectowatch"."shop.journal.17"',
            '"ectowatch"."shop.journal.18"'
        ]) AS n (name)
        JOIN pg_class AS c ON c.oid = to_regclass(n.name)
        WHERE c.relkind = 'r' AND pg_get_userbyid(c.relowner) = current_user);
    FOR part IN
        SELECT c.oid::regclass::text AS name, c.oid, c.relname
        FROM pg_class AS c
        WHERE c.oid = ANY (mine)
          AND c.oid IS DISTINCT FROM to_regclass('"ectowatch"."shop.owner"') AND c.oid IS DISTINCT FROM to_regclass('"ectowatch"."shop.watched"')
          AND c.oid IS DISTINCT FROM to_regclass('"ectowatch"."shop.backfills"')
        ORDER BY c.relname
    LOOP
        EXECUTE 'SELECT at FROM ONLY ' || part.name || ' ORDER BY lsn LIMIT 1' INTO row_time;
        oldest := least(oldest, row_time);
        bytes := bytes || jsonb_build_object(part.relname, pg_total_relation_size(part.oid));
    END LOOP;
    IF to_regclass('"ectowatch"."shop.owner"') = ANY (mine) THEN
        emptied := (SELECT max(emptied_at) FROM ONLY "ectowatch"."shop.owner");
    END IF;
    IF to_regclass('"ectowatch"."shop.watched"') = ANY (mine) THEN
        watched := ARRAY(SELECT relation::bigint FROM ONLY "ectowatch"."shop.watched" WHERE triggers IS NOT NULL);
    END IF;
    IF to_regclass('"ectowatch"."shop.backfills"') = ANY (mine) THEN
        open := (
            SELECT jsonb_agg(
                jsonb_build_object('id', b.id, 'table', b.relation, 'cause', b.cause, 'rows', b.published) ORDER BY b.xid, b.id)
            FROM ONLY "ectowatch"."shop.backfills" AS b);
    END IF;
    RETURN jsonb_build_object(
        'connector', 'shop',
        'lost', pg_sequence_last_value(to_regclass('"ectowatch"."shop.lost"')),
        'lost_sequence', to_regclass('"ectowatch"."shop.lost"')::oid::bigint,
        'lease', pg_sequence_last_value(to_regclass('"ectowatch"."shop.lease"')),
        'privileges', '{"shop.lost":["SELECT","UPDATE"],"shop.lease":["SELECT","UPDATE"],"shop.ring":["SELECT","UPDATE"],"shop.spare":["SELECT","UPDATE"],"shop.journal.0":["SELECT","UPDATE","TRUNCATE"],"shop.journal.1":["SELECT","UPDATE","TRUNCATE"],"shop.journal.2":["SELECT","UPDATE","TRUNCATE"],"shop.layouts":["SELECT"],"shop.owner":["SELECT","INSERT","UPDATE"],"shop.watched":["SELECT","INSERT","UPDATE","DELETE"],"shop.backfills":["SELECT","INSERT","UPDATE","DELETE"]}'::jsonb,
        'watched', coalesce(to_jsonb(watched), '[]'),
        'ring', coalesce(pg_sequence_last_value(to_regclass('"ectowatch"."shop.ring"')), 0),
        'spare', coalesce(pg_sequence_last_value(to_regclass('"ectowatch"."shop.spare"')), 0),
        'limit', 1073741824,
        'bytes', bytes,
        'oldest', oldest,
        'emptied', emptied,
        'backfills', coalesce(open, '[]'),
        'delivery', 'durable');
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.facts"() IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.facts"() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "ectowatch"."shop.facts"() TO "pg_monitor";
DO $ectowatch$
-- CREATE OR REPLACE keeps the owner and the privileges of an existing function. Fails if another role owns one of these
-- functions, and revokes the privileges of all roles that must not call it.
DECLARE
    part    record;
    grantee text;
BEGIN
    FOR part IN
        SELECT p.oid::regprocedure AS function, p.proowner, p.proacl, r.rolname, r.rolsuper
        FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE p.pronamespace = to_regnamespace('"ectowatch"')
          AND p.proname = ANY (ARRAY[
              'shop.order',
              'shop.context',
              'shop.fit',
              'shop.guard',
              'shop.append',
              'shop.backfill'
          ])
    LOOP
        IF part.rolname <> current_user AND NOT part.rolsuper THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.function, part.rolname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM aclexplode(part.proacl) AS a
            WHERE a.grantee <> part.proowner
              AND pg_get_userbyid(a.grantee) <> ALL (ARRAY[]::text[])
        LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || part.function || ' FROM ' || grantee;
        END LOOP;
    END LOOP;
END
$ectowatch$;
DO $ectowatch$
-- CREATE OR REPLACE keeps the owner and the privileges of an existing function. Fails if another role owns one of these
-- functions, and revokes the privileges of all roles that must not call it.
DECLARE
    part    record;
    grantee text;
BEGIN
    FOR part IN
        SELECT p.oid::regprocedure AS function, p.proowner, p.proacl, r.rolname, r.rolsuper
        FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE p.pronamespace = to_regnamespace('"ectowatch"')
          AND p.proname = ANY (ARRAY[
              'shop.facts'
          ])
    LOOP
        IF part.rolname <> current_user AND NOT part.rolsuper THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.function, part.rolname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM aclexplode(part.proacl) AS a
            WHERE a.grantee <> part.proowner
              AND pg_get_userbyid(a.grantee) <> ALL (ARRAY['pg_monitor']::text[])
        LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || part.function || ' FROM ' || grantee;
        END LOOP;
    END LOOP;
END
$ectowatch$;
CREATE OR REPLACE FUNCTION "ectowatch"."backfill"(connector text, target regclass, condition text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
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
    WHERE n.oid = to_regnamespace('"ectowatch"') AND oidvectortypes(p.proargtypes) = 'oid, text, text'
      AND pg_get_userbyid(p.proowner) = current_user
      AND starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":' || to_json($1)::text || ',');
    IF call IS NULL THEN
        RAISE EXCEPTION 'Schema % has no connector % with delivery.mode=durable whose objects role % owns.',
                'ectowatch', coalesce(quote_literal($1), 'NULL'), current_user
            USING HINT = 'Use the name of the connector, and the functions in the schema of its setting database.schema.',
                  ERRCODE = 'undefined_object';
    END IF;
    EXECUTE call INTO result USING $2::oid, $3, NULL::text;
    RETURN result;
END
$ectowatch$;
DO $ectowatch$
-- A new function can be executed by every role, and by those of the default privileges. An older one keeps its grants.
DECLARE
    grantee text;
BEGIN
    IF obj_description('"ectowatch"."backfill"(text, regclass, text)'::regprocedure, 'pg_proc') IS NULL THEN
        FOR grantee IN SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                       FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                       WHERE p.oid = '"ectowatch"."backfill"(text, regclass, text)'::regprocedure AND a.grantee <> p.proowner LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || '"ectowatch"."backfill"(text, regclass, text)' || ' FROM ' || grantee;
        END LOOP;
    END IF;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."backfill"(text, regclass, text) IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
CREATE OR REPLACE FUNCTION "ectowatch"."backfill_stop"(connector text, request text) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect.
-- Purpose: stops the backfill with that id.
-- Reads: the catalogs, for the function of that connector.
-- Writes: what that function writes: a row in the journal of the connector.
-- On failure: nothing is written, and the error says what to do.
-- Runs with the rights of its owner. No other role may execute it until the owner, or a superuser, grants that.
DECLARE
    call  text;
BEGIN
    SELECT format('SELECT %I.%I($1, $2, $3)', n.nspname, p.proname) INTO call
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.oid = to_regnamespace('"ectowatch"') AND oidvectortypes(p.proargtypes) = 'oid, text, text'
      AND pg_get_userbyid(p.proowner) = current_user
      AND starts_with(obj_description(p.oid, 'pg_proc'), '{"ectowatch":1,"connector":' || to_json($1)::text || ',');
    IF call IS NULL THEN
        RAISE EXCEPTION 'Schema % has no connector % with delivery.mode=durable whose objects role % owns.',
                'ectowatch', coalesce(quote_literal($1), 'NULL'), current_user
            USING HINT = 'Use the name of the connector, and the functions in the schema of its setting database.schema.',
                  ERRCODE = 'undefined_object';
    END IF;
    EXECUTE call USING NULL::oid, NULL::text, $2;
END
$ectowatch$;
DO $ectowatch$
-- A new function can be executed by every role, and by those of the default privileges. An older one keeps its grants.
DECLARE
    grantee text;
BEGIN
    IF obj_description('"ectowatch"."backfill_stop"(text, text)'::regprocedure, 'pg_proc') IS NULL THEN
        FOR grantee IN SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                       FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                       WHERE p.oid = '"ectowatch"."backfill_stop"(text, text)'::regprocedure AND a.grantee <> p.proowner LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || '"ectowatch"."backfill_stop"(text, text)' || ' FROM ' || grantee;
        END LOOP;
    END IF;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."backfill_stop"(text, text) IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
CREATE OR REPLACE FUNCTION "ectowatch"."connectors"(wanted text) RETURNS SETOF jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect.
-- Purpose: gives the state of the connector of that name, or of each connector of this schema if it is null, and what is wrong
--     with it.
-- Called by: the view "status" and the function "check".
-- Reads: the catalogs, pg_locks and pg_stat_activity; for each connector the function that gives its facts.
-- Writes: nothing.
-- On failure: the state of a connector whose facts cannot be read is the error.
-- Runs with the rights of the caller.
DECLARE
    home       CONSTANT oid := to_regnamespace('"ectowatch"');
    held_long  CONSTANT interval := '5 seconds';
    old        CONSTANT interval := '10 minutes';
    part       record;
    finding    record;
    facts      jsonb;
    error      text;
    name       text;
    pid        integer;
    since      timestamptz;
    client     text;
    sessions   text[];
    tables     text[];
    missing    text[];
    disabled   text[];
    taken      bigint;
    suspended  boolean;
    lease      timestamptz;
    lost       timestamptz;
    findings   jsonb;
BEGIN
    FOR part IN
        -- Each catalog is read once, not once for each connector.
        WITH marked AS MATERIALIZED (
            SELECT
                o.kind, o.oid, o.name, o.owner, d.description,
                substring(d.description FROM $re$^{"ectowatch":1,"connector":("([^"\\]|\\.)*"),$re$) AS connector
            FROM (
                SELECT
                    'pg_proc'::regclass AS catalog, p.oid, p.proname AS name, p.proowner AS owner,
                    CASE
                        WHEN p.prorettype = 'trigger'::regtype THEN 'trigger'
                        WHEN p.prorettype = 'jsonb'::regtype AND p.pronargs = 0 AND p.prosecdef THEN 'facts'
                        ELSE 'function'
                    END AS kind
                FROM pg_proc AS p WHERE p.pronamespace = home
                UNION ALL
                SELECT 'pg_class'::regclass, c.oid, c.relname, c.relowner, 'relation'
                FROM pg_class AS c WHERE c.relnamespace = home AND c.relkind IN ('r', 'S')
            ) AS o
            JOIN pg_description AS d ON d.objoid = o.oid AND d.classoid = o.catalog AND d.objsubid = 0
            WHERE starts_with(d.description, '{"ectowatch":1,"connector":' || coalesce(to_json(wanted)::text || ',', '"'))
        )
        SELECT
            f.name, f.owner, r.rolname AS owner_name, f.description::jsonb AS comment,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind = 'trigger' AND m.owner = f.owner) AS functions,
            array_agg(t.oid) FILTER (WHERE t.oid IS NOT NULL) AS triggers,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind = 'relation' AND m.owner <> f.owner) AS foreign_relations,
            array_agg(DISTINCT m.oid) FILTER (WHERE m.kind <> 'relation' AND m.owner <> f.owner) AS foreign_functions
        FROM marked AS f
        JOIN pg_roles AS r ON r.oid = f.owner
        JOIN marked AS m ON m.connector = f.connector
        LEFT JOIN pg_trigger AS t ON t.tgfoid = m.oid AND m.kind = 'trigger' AND m.owner = f.owner
        WHERE f.kind = 'facts'
          -- A caller has to trust the owner of the schema, and of this function, but no other role.
          AND (
              r.rolsuper
              OR f.owner = (SELECT n.nspowner FROM pg_namespace AS n WHERE n.oid = home)
              OR f.owner = (SELECT p.proowner FROM pg_proc AS p WHERE p.oid = to_regprocedure('"ectowatch"."connectors"(text)'))
          )
        GROUP BY f.connector, f.oid, f.name, f.owner, r.rolname, f.description
        ORDER BY f.name
    LOOP
        BEGIN
            error := NULL;
            EXECUTE format('SELECT %s.%I()', home::regnamespace, part.name) INTO facts;
        EXCEPTION WHEN others THEN
            error := SQLERRM;
            facts := jsonb_build_object('connector', part.comment -> 'connector');
        END;
        name := facts ->> 'connector';
        findings := '[]';

        -- A task holds the presence lock. Any role can take it: it counts if the role could be the connector.
        SELECT
            (array_agg(l.pid ORDER BY a.backend_start, l.pid))[1],
            min(a.backend_start),
            (array_agg(coalesce(host(a.client_addr), 'local socket') ORDER BY a.backend_start, l.pid))[1],
            array_agg(
                format('pid %s from %s', l.pid, coalesce(host(a.client_addr), 'local socket')) ORDER BY a.backend_start, l.pid)
                FILTER (WHERE a.backend_start < clock_timestamp() - held_long)
        INTO pid, since, client, sessions
        FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ShareLock' AND l.objsubid = 1
          AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
          AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('ectowatch.present.' || 'ectowatch' || '.' || name, 0)
          AND EXISTS (
              SELECT FROM pg_roles AS r
              WHERE pg_has_role(a.usesysid, r.oid, 'MEMBER')
                AND has_sequence_privilege(r.oid, (facts ->> 'lost_sequence')::oid, 'UPDATE'));

        SELECT
            coalesce(array_agg(DISTINCT t.tgrelid::regclass::text) FILTER (WHERE t.tgparentid = 0), '{}'),
            coalesce(
                array_agg(DISTINCT format('%I ON %s', t.tgname, t.tgrelid::regclass)) FILTER (WHERE t.tgenabled <> ALL ('{O,A}')),
                '{}')
        INTO tables, disabled
        FROM pg_trigger AS t
        WHERE t.oid = ANY (part.triggers);
        missing := ARRAY(
            -- a function without its trigger
            SELECT obj_description(f.oid, 'pg_proc')::jsonb ->> 'table'
            FROM unnest(part.functions) AS f (oid)
            WHERE f.oid NOT IN (SELECT t.tgfoid FROM pg_trigger AS t WHERE t.oid = ANY (part.triggers))
            UNION
            -- a table that had triggers at the last check by a task, and has none
            SELECT c.oid::regclass::text
            FROM jsonb_array_elements_text(facts -> 'watched') AS w JOIN pg_class AS c ON c.oid = w::oid
            WHERE NOT EXISTS (
                SELECT FROM pg_trigger AS t
                WHERE t.tgrelid = c.oid AND t.tgfoid = ANY (part.functions || part.foreign_functions))
            ORDER BY 1
        );
        taken := (SELECT sum(b.value::bigint) FROM jsonb_each_text(facts -> 'bytes') AS b);
        suspended := (facts ->> 'ring')::bigint & 3 = 3 AND facts ->> 'spare' = '0';
        lease := to_timestamp((facts ->> 'lease')::bigint);
        lost := to_timestamp((facts ->> 'lost')::bigint / 1000000.0);

        FOR finding IN
            SELECT f.problem, f.remedy
            FROM (
                SELECT 1 AS place, 'The facts of the connector cannot be read: ' || error AS problem,
                    'GRANT pg_monitor TO ' || quote_ident(current_user) AS remedy
                WHERE error IS NOT NULL
                UNION ALL
                SELECT 2, 'The journal is suspended: changes are not captured. '
                    || CASE WHEN lease < now() THEN 'No task has read it for journal.lease.ms.' ELSE 'It is full.' END,
                    'Start the connector if no task runs. The task resumes the journal, with a resync of every table, when Connect has committed what it has.'
                WHERE suspended
                UNION ALL
                SELECT 3, format('The lease expired at %s. The next change suspends the journal.', lease),
                    'Start the connector. If it was deleted: SELECT ' || home::regnamespace || '.uninstall(' || quote_literal(name) || ')'
                WHERE NOT coalesce(suspended, false) AND lease < now() AND facts ->> 'delivery' = 'durable'
                UNION ALL
                SELECT 4, 'No task of the connector has a session.'
                    || CASE facts ->> 'delivery' WHEN 'notify' THEN ' Changes are lost.'
                       ELSE ' Changes wait in the journal.' END,
                    'Start or resume the connector, and look at its status and its log. If it was deleted: SELECT '
                    || home::regnamespace || '.uninstall(' || quote_literal(name) || ')'
                WHERE pid IS NULL AND error IS NULL
                UNION ALL
                SELECT 4, 'Several tasks of the connector have a session: ' || array_to_string(sessions, ', ') || '.',
                    'If it is not a rebalance, two Connect clusters run a connector of this name: delete or rename one of them.'
                WHERE cardinality(sessions) > 1
                UNION ALL
                SELECT 5, format('Table %s lacks a trigger, so changes are not captured.', m),
                    'Start the connector, which creates the trigger again. With install.mode=verify, run the SQL of install.mode=print.'
                FROM unnest(missing) AS m
                UNION ALL
                SELECT 6, format('Trigger %s is disabled, so changes are not captured.', t.tgname || ' ON ' || t.tgrelid::regclass),
                    format('ALTER TABLE %s ENABLE TRIGGER %I', t.tgrelid::regclass, t.tgname)
                FROM pg_trigger AS t
                WHERE t.oid = ANY (part.triggers) AND t.tgenabled <> ALL ('{O,A}')
                UNION ALL
                SELECT 7, format('The journal has %s of %s.', pg_size_pretty(taken), pg_size_pretty((facts ->> 'limit')::bigint)),
                    'Start the connector if no task runs, end transactions that hold journal tables, or increase journal.max.bytes.'
                WHERE NOT suspended AND taken > 0.8 * (facts ->> 'limit')::bigint
                UNION ALL
                SELECT 7, format('The journal has changes since %s, though a task has a session.', facts ->> 'oldest'),
                    'Look at the metrics uncommitted-ms and queued-bytes: is the connector paused, is Kafka slow or unreachable, does Connect commit offsets? A backlog after a stop ends by itself.'
                WHERE pid IS NOT NULL AND since < clock_timestamp() - old AND (facts ->> 'oldest')::timestamptz < clock_timestamp() - old
                UNION ALL
                SELECT 8, format(
                    'A transaction holds %s: %s',
                    string_agg(DISTINCT l.relation::regclass::text, ', '),
                    CASE WHEN l.pid IS NULL
                         THEN concat('prepared transaction ', quote_literal(p.gid), ', role ', p.owner, ', since '
                                     || date_trunc('seconds', p.prepared))
                         ELSE concat('pid ', l.pid, ', role ', a.usename, ', application_name ', quote_literal(a.application_name),
                                     ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)),
                                     ', from ' || host(a.client_addr))
                    END),
                    CASE
                        WHEN l.pid IS NULL THEN format('COMMIT PREPARED %L or ROLLBACK PREPARED %L', p.gid, p.gid)
                        ELSE format('SELECT pg_terminate_backend(%s)', l.pid)
                    END
                FROM pg_locks AS l
                LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
                LEFT JOIN (
                    SELECT x.virtualtransaction AS prepared_as, t.gid, t.owner, t.prepared
                    FROM pg_prepared_xacts AS t
                    JOIN pg_locks AS x ON x.locktype = 'transactionid' AND x.transactionid = t.transaction AND x.pid IS NULL
                ) AS p ON l.pid IS NULL AND p.prepared_as = l.virtualtransaction
                JOIN pg_class AS c ON c.oid = l.relation
                WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
                  AND coalesce(p.prepared, a.xact_start) < clock_timestamp() - held_long
                  AND (
                      c.relnamespace = home AND facts -> 'bytes' -> c.relname::text IS NOT NULL
                      OR c.oid::regclass::text = ANY (missing)
                  )
                GROUP BY l.pid, p.gid, p.owner, p.prepared, a.usename, a.application_name, a.client_addr, a.xact_start, a.backend_start
                UNION ALL
                SELECT 9, format('%s is owned by %I, not by %I.', o.what, o.owner, part.owner_name),
                    format('ALTER %s %s OWNER TO %I', o.kind, o.what, part.owner_name)
                FROM (
                    SELECT
                        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
                        c.oid::regclass::text AS what,
                        pg_get_userbyid(c.relowner) AS owner
                    FROM pg_class AS c
                    WHERE c.oid = ANY (part.foreign_relations)
                    UNION ALL
                    SELECT 'FUNCTION', p.oid::regprocedure::text, pg_get_userbyid(p.proowner)
                    FROM pg_proc AS p
                    WHERE p.oid = ANY (part.foreign_functions)
                ) AS o
                UNION ALL
                SELECT 10, format('Role %I lacks %s on %s.', r.rolname, string_agg(w.privilege, ', ' ORDER BY w.privilege), c.oid::regclass),
                    format(
                        'GRANT %s ON %s %s TO %I',
                        string_agg(w.privilege, ', ' ORDER BY w.privilege),
                        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                        c.oid::regclass,
                        r.rolname)
                FROM jsonb_each(facts -> 'privileges') AS k
                JOIN pg_class AS c ON c.relnamespace = home AND c.relname = k.key AND c.relkind IN ('r', 'S')
                -- The owner, and the role of a connector with install.mode=verify.
                JOIN pg_roles AS r
                    ON r.oid = part.owner
                    OR r.oid IN (
                        SELECT a.grantee FROM pg_class AS s, aclexplode(s.relacl) AS a
                        WHERE s.oid = (facts ->> 'lost_sequence')::oid AND a.privilege_type = 'UPDATE')
                CROSS JOIN LATERAL (
                    SELECT jsonb_array_elements_text(k.value)
                    UNION
                    SELECT 'INSERT' WHERE r.oid = part.owner AND c.relkind = 'r'
                ) AS w (privilege)
                WHERE NOT has_table_privilege(r.oid, c.oid, w.privilege)
                GROUP BY r.rolname, c.oid, c.relkind
                UNION ALL
                SELECT 11, format('Role %I lacks USAGE on schema %s.', part.owner_name, home::regnamespace),
                    format('GRANT ALL ON SCHEMA %s TO %I', home::regnamespace, part.owner_name)
                WHERE NOT has_schema_privilege(part.owner, home, 'USAGE')
                UNION ALL
                SELECT 12, format('Role %I lacks TRIGGER on table %s, so its triggers cannot be installed again.', part.owner_name, t),
                    format('GRANT TRIGGER ON %s TO %I', t, part.owner_name)
                FROM unnest(tables) AS t
                WHERE NOT has_table_privilege(part.owner, t::regclass, 'TRIGGER')
            ) AS f
            ORDER BY f.place, f.problem
        LOOP
            findings := findings || jsonb_build_object('problem', finding.problem, 'remedy', finding.remedy);
        END LOOP;

        RETURN NEXT facts || jsonb_build_object(
            'version', part.comment -> 'version',
            'state', CASE
                WHEN error IS NOT NULL THEN 'unknown: ' || error
                WHEN suspended THEN 'suspended'
                WHEN pid IS NULL THEN 'no session'
                WHEN facts ->> 'delivery' = 'notify' THEN 'listening'
                WHEN (facts ->> 'ring')::bigint & 4 <> 0 THEN 'asleep'
                ELSE 'reading'
            END,
            'pid', pid,
            'since', since,
            'client', client,
            'lease_until', lease,
            'taken', taken,
            'last_loss', lost,
            'loss_cause', CASE (facts ->> 'lost')::bigint % 10
                    WHEN 0 THEN 'a trigger could not write a change: its key is too large, its order is uncertain, or there was an error, which the server''s log has after "ectowatch:"'
                    WHEN 1 THEN 'the journal reached journal.max.bytes'
                    WHEN 2 THEN 'no task read the journal for journal.lease.ms'
                    WHEN 3 THEN 'the task found other triggers, another delivery mode or another state of the database: its log has the reason'
                    WHEN 4 THEN 'the server''s notification queue was more than half full'
                END,
            'tables', to_jsonb(tables),
            'missing', to_jsonb(missing),
            'disabled', to_jsonb(disabled),
            'findings', findings);
    END LOOP;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."connectors"(text) IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"4","version":"1.0.0"}';
CREATE OR REPLACE VIEW "ectowatch"."status" AS  -- one row for each connector of the schema
SELECT
    c.state ->> 'connector' AS connector,
    c.state ->> 'version' AS version,
    c.state ->> 'delivery' AS delivery,
    c.state ->> 'state' AS state,
    (c.state ->> 'pid')::int4 AS session_pid,
    (c.state ->> 'since')::timestamptz AS session_since,
    (c.state ->> 'lease_until')::timestamptz AS lease_until,
    (c.state ->> 'taken')::int8 AS journal_bytes,
    (c.state ->> 'limit')::int8 AS journal_limit,
    c.state -> 'bytes' AS journal_tables,
    (c.state ->> 'oldest')::timestamptz AS oldest_change,
    (c.state ->> 'emptied')::timestamptz AS last_emptied,
    (c.state ->> 'last_loss')::timestamptz AS last_loss,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'tables')) AS tables,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'missing')) AS missing_triggers,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'disabled')) AS disabled_triggers,
    jsonb_array_length(c.state -> 'findings') AS problems,
    c.state ->> 'loss_cause' AS last_loss_cause,
    c.state ->> 'client' AS session_client,
    c.state -> 'backfills' AS backfills
FROM "ectowatch"."connectors"(NULL) AS c (state);
DO $ectowatch$
-- Sets the owner and the privileges of the view, if this transaction has created it: default privileges and event triggers of
-- the database may have changed them. Fails if another role owns it. Lets members of pg_monitor use the schema, if this role
-- may grant that.
DECLARE
    view     CONSTANT regclass := to_regclass('"ectowatch"."status"');
    grantee  text;
    owner    text;
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = view AND attnum = 1 AND xmin = pg_current_xact_id()::xid) THEN
        IF (SELECT pg_get_userbyid(c.relowner) <> current_user FROM pg_class AS c WHERE c.oid = view) THEN
            EXECUTE format('ALTER VIEW %s OWNER TO CURRENT_USER', view);
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.oid = view AND a.grantee <> c.relowner
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %s', view, grantee);
        END LOOP;
    END IF;
    SELECT r.rolname INTO owner
    FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE c.oid = view AND r.rolname <> current_user AND NOT r.rolsuper;
    IF FOUND THEN
        RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', view, owner
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.oid = to_regnamespace('"ectowatch"')) THEN
        GRANT USAGE ON SCHEMA "ectowatch" TO pg_monitor;
    END IF;
END
$ectowatch$;
COMMENT ON VIEW "ectowatch"."status" IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"4","version":"1.0.0"}';
CREATE OR REPLACE FUNCTION "ectowatch"."check"(connector text) RETURNS TABLE (problem text, remedy text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $ectowatch$
-- EctoWatch for Kafka Connect.
-- Purpose: lists what is wrong with a connector, each with the statement or the action that mends it. No row: nothing is wrong.
-- Reads: the function "connectors".
-- Writes: nothing.
-- On failure: an error.
-- Runs with the rights of the caller.
WITH found AS MATERIALIZED (
    SELECT c.state -> 'findings' AS findings
    FROM "ectowatch"."connectors"($1) AS c (state)
    WHERE c.state ->> 'connector' = $1
)
SELECT f.value ->> 'problem', f.value ->> 'remedy'
FROM found, jsonb_array_elements(found.findings) AS f
UNION ALL
SELECT
    format('Connector %s is not installed in this schema.', coalesce(quote_literal($1), 'NULL')),
    'Start the connector, or look at the names that the view "status" has.'
WHERE NOT EXISTS (SELECT FROM found)
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."check"(text) IS '{"ectowatch":1,"connector":"","table":"","layout":"","delivery":"","hash":"4","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."connectors"(text), "ectowatch"."check"(text) FROM PUBLIC;
DO $ectowatch$
-- CREATE OR REPLACE keeps the owner and the privileges of an existing function. Fails if another role owns one of these
-- functions, and revokes the privileges of all roles that must not call it.
DECLARE
    part    record;
    grantee text;
BEGIN
    FOR part IN
        SELECT p.oid::regprocedure AS function, p.proowner, p.proacl, r.rolname, r.rolsuper
        FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE p.pronamespace = to_regnamespace('"ectowatch"')
          AND p.proname = ANY (ARRAY[
              'connectors',
              'check'
          ])
    LOOP
        IF part.rolname <> current_user AND NOT part.rolsuper THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.function, part.rolname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM aclexplode(part.proacl) AS a
            WHERE a.grantee <> part.proowner
              AND pg_get_userbyid(a.grantee) <> ALL (ARRAY['pg_monitor']::text[])
        LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || part.function || ' FROM ' || grantee;
        END LOOP;
    END LOOP;
END
$ectowatch$;
GRANT EXECUTE ON FUNCTION "ectowatch"."connectors"(text), "ectowatch"."check"(text) TO pg_monitor;
GRANT SELECT ON "ectowatch"."status" TO pg_monitor;
COMMIT;
