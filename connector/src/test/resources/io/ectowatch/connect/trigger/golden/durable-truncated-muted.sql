-- The triggers of this table and these settings; run base-durable.sql before. GoldenSqlTest compares.
--
--     CREATE TABLE public.items (id int4 NOT NULL, name text, PRIMARY KEY (id));
--
--     tables=items
--     events=truncated
--     mute.allowed=true

-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- register the layouts of the journal rows
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
INSERT INTO "ectowatch"."shop.layouts" (id, layout, definition) VALUES (1779244145, '5953b8c1542e', '["public","items",1,"id","INT32","integer"]') ON CONFLICT (layout) DO NOTHING;
COMMIT;

-- install triggers on public.items
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.truncate"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures TRUNCATE on public.items, for durable delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows; the sequence that says which journal table is written to.
-- Writes: a row in a journal table, or one for each thousand changes; NOTIFY, if the task sleeps.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records. Only if the row cannot be written, as on a full disk, the statement fails.
--
-- What can fail is tried in inner blocks, which write no row, and so take no subtransaction ID.
--
-- PL/pgSQL prepares each expression and each operator again in every transaction. So the path of one row has as few of them
-- as possible, and variables for several rows are declared where they are used.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; 8 more for a statement of more than
    -- one row, or one whose key has changed; 16 more for changes that must precede others.
    state       bigint;
    change_lsn  pg_lsn;  -- a later row gets a higher LSN; nextval would change the session's lastval()
    entry       text;
    context     text;
    failure     text;  -- the message of an error
BEGIN
    <<capture>>
    BEGIN
        BEGIN
            -- Most statements change one row. With more, this reads only up to the second.
            SELECT
                'null',
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0)
            INTO STRICT entry, change_lsn, state
            FROM (SELECT) AS nothing;

            -- Not the ordinary case, or one statement in 1024. PostgreSQL calls "fit" when it plans this
            -- condition, once for each session, and again only after one of these tables has changed. It stands first, since
            -- nothing behind a true condition is planned.
            IF
                NOT "ectowatch"."shop.fit"(ARRAY[
                    '"ectowatch"."shop.journal.0"'::regclass,
                    '"ectowatch"."shop.journal.1"'::regclass,
                    '"ectowatch"."shop.journal.2"'::regclass
                ])
                OR pg_lsn_hash(change_lsn) < -2143289344
            THEN
                IF pg_lsn_hash(change_lsn) < -2143289344 THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                RETURN NULL;
            WHEN too_many_rows THEN
                state := 8 + coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;

        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 't', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 't', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 't', entry);
            RETURN NEW;
        END IF;

        -- The rest is for several rows, for a key that has changed, for a change that must precede others, and for the time
        -- when the task sleeps or none of the three tables is written to.
        BEGIN
            -- Fails also if the function or its schema is gone.
            IF
                NOT "ectowatch"."shop.fit"(ARRAY[
                    '"ectowatch"."shop.journal.0"'::regclass,
                    '"ectowatch"."shop.journal.1"'::regclass,
                    '"ectowatch"."shop.journal.2"'::regclass
                ])
                OR NOT has_function_privilege('"ectowatch"."shop.append"(bigint,integer,text,text,bigint)', 'EXECUTE')
            THEN
                RAISE EXCEPTION 'no privilege to execute %', '"ectowatch"."shop.append"(bigint,integer,text,text,bigint)';
            END IF;
        EXCEPTION
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;
        IF state & 8 <> 0 THEN
            <<many>>
            DECLARE
                changes     refcursor;
                change      record;
                fetched     integer;
                batch       integer := 1000;
                run         text[] := '{}';  -- entries of one event that are written together
                run_event   text;
                run_length  integer := 0;
                bodies      text[];  -- of complete runs
                events      text[];
            BEGIN
                NULL;  -- never
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1779244145, 't', entry, 0);
        END IF;

        IF state & 4 <> 0 THEN
            -- A sleeping task holds this lock. If the lock is free, the task has died and needs no NOTIFY.
            IF pg_try_advisory_lock_shared(926009658, -1827399377) THEN
                PERFORM pg_advisory_unlock_shared(926009658, -1827399377);
            ELSIF pg_notification_queue_usage() < 0.5 THEN  -- with a full queue, the COMMIT of a notifying transaction fails
                PERFORM pg_notify('ectowatch.shop', '');
            END IF;
        END IF;
        RETURN NULL;
    END capture;

    -- Only after an error.
    BEGIN
        RAISE LOG 'ectowatch: % on % could not be written to the journal: %',
            TG_OP, TG_RELID::regclass, failure;
        PERFORM setval(
            '"ectowatch"."shop.lost"',
            (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
    EXCEPTION
        WHEN others THEN
            NULL;  -- the schema or the sequence is gone; the task will notice
    END;
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.items.truncate"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"durable","hash":"ff73b849e49dd72b","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.truncate"() FROM PUBLIC;
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
              'shop.public.items.truncate'
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
CREATE OR REPLACE TRIGGER "ectowatch.shop.truncate"
AFTER TRUNCATE ON "public"."items"
FOR EACH STATEMENT
WHEN (pg_catalog.current_setting('ectowatch.mute', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION "ectowatch"."shop.public.items.truncate"();
COMMIT;
