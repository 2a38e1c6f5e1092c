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
-- Revokes the default privileges of other roles on the schema, if this transaction has created it.
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
        -- Without it, pg_dump by the owner of the database fails.
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
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN pg_prepared_xacts AS p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction
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
                                 ', since ' || date_trunc('seconds', coalesce(a.xact_start, a.backend_start)))
                END, '; ')
            FROM pg_locks AS l
            LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN pg_prepared_xacts AS p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction
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
        FOR part IN
            SELECT
                format('DROP FUNCTION %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS command
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            WHERE p.pronamespace = home AND starts_with(obj_description(p.oid, 'pg_proc'), shared)
        LOOP
            BEGIN
                EXECUTE part.command;
            EXCEPTION WHEN insufficient_privilege THEN
                NULL;  -- another role has made it
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
            ('"ectowatch"."shop.lease"'::regclass, 'SEQUENCE', NULL)
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
COMMENT ON SEQUENCE "ectowatch"."shop.lost" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
COMMENT ON SEQUENCE "ectowatch"."shop.lease" IS '{"ectowatch":1,"connector":"shop","table":"","layout":"","delivery":"","hash":"","version":"1.0.0"}';
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
              'shop.order'
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
COMMIT;
