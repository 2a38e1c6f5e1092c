-- The triggers of this table and these settings; run base-durable.sql before. GoldenSqlTest compares.
--
--     CREATE TABLE public.users (id int8 NOT NULL, email text NOT NULL, tenant int4 NOT NULL, active bool, seen date, PRIMARY KEY (id));
--
--     watchers=contact,audit
--     watchers.contact.table=users
--     watchers.contact.events=inserted,updated
--     watchers.contact.columns=email,active
--     watchers.contact.when=NEW.active AND NEW.email NOT LIKE '%@example.com'
--     watchers.contact.extra.columns=email
--     watchers.contact.old.values=true
--     watchers.audit.table=users
--     watchers.audit.events=updated,deleted
--     watchers.audit.include.changed.columns=true
--     watchers.audit.label=audit

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
INSERT INTO "ectowatch"."shop.layouts" (id, layout, definition) VALUES (1626938178, 'cb3eb7e5c23a', '["public","users",1,["watchers","watchers.contact","watchers.audit"],"id","INT64","bigint",["shortened"],["changed"],"email","TEXT","text",["previous","email"]]') ON CONFLICT (layout) DO NOTHING;
COMMIT;

-- install triggers on public.users
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.when.contact"(new record, old record) RETURNS boolean
LANGUAGE plpgsql
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: decides whether a change is published for watchers.contact on public.users: the setting when.
-- Called by: the functions of the triggers.
-- Reads: the new and the old row.
-- Writes: nothing.
-- On failure: the change is published, and a line in the server's log gives the reason. Only a genuine cancel goes on.
BEGIN
    RETURN coalesce((
        NEW.active AND NEW.email NOT LIKE '%@example.com'
    ), false);
EXCEPTION
    WHEN query_canceled THEN
        -- A genuine cancel must go on. Only one that a function of the condition raised can be recognized.
        DECLARE
            place text;
        BEGIN
            GET STACKED DIAGNOSTICS place = PG_EXCEPTION_CONTEXT;
            IF
                split_part(place, E'\n', 1) NOT LIKE '% RAISE%'
                OR SQLERRM LIKE 'canceling %'
                OR current_setting('statement_timeout')::interval
                    BETWEEN '1us' AND clock_timestamp() - statement_timestamp()
            THEN
                RAISE;
            END IF;
            RAISE LOG 'ectowatch: the condition of % failed, so the change is published: %',
                'watchers.contact on public.users', SQLERRM;
            RETURN true;
        END;
    WHEN assert_failure OR others THEN
        RAISE LOG 'ectowatch: the condition of % failed, so the change is published: %',
            'watchers.contact on public.users', SQLERRM;
        RETURN true;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.users.when.contact"(record, record) IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"durable","hash":"ee821798a601f235","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.when.contact"(record, record) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.insert"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures INSERT on public.users, for durable delivery.
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
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; 8 more for a statement of more than
    -- one row, or one whose key has changed; 16 more for changes that must precede others.
    state       bigint;
    disordered  boolean;  -- triggers may fire in another order than that of the changes
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
                c.entry,
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0),
                greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
            INTO STRICT entry, change_lsn, state, disordered
            FROM (
                SELECT
                    'i' AS event,
                    CASE
                        WHEN octet_length(c.entry) <= 524288 THEN c.entry
                        WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                    END AS entry
                FROM (
                    SELECT
                        json_build_array(
                            m.choice,
                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                        )::text AS key_entry,
                        CASE
                            WHEN (
                                    octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 524288
                                ) IS NOT TRUE
                            THEN json_build_array(
                                m.choice,
                                CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8,
                                NULL,
                                CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text,
                                NULL
                            )::text
                        END AS entry
                    FROM (
                        SELECT
                            r.*,
                            (
                                CASE
                                    WHEN "ectowatch"."shop.public.users.when.contact"(
                                            (SELECT given FROM (
                                                SELECT
                                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE r.c1 END AS "email",
                                                    CASE WHEN false THEN NULL::pg_catalog.bool ELSE r.c2 END AS "active"
                                            ) AS given),
                                            (SELECT given FROM (SELECT NULL::pg_catalog.text AS "email", NULL::pg_catalog.bool AS "active") AS given)
                                        )
                                    THEN 1::int8
                                    ELSE 0
                                END  -- watchers.contact
                            ) AS choice
                        FROM (
                            SELECT
                                x."id" AS c0,
                                x."email" AS c1,
                                x."active" AS c2,
                                x."tenant" AS c3,
                                x."seen" AS c4
                            FROM new_rows AS x
                        ) AS r
                        OFFSET 0  -- evaluates each condition once
                    ) AS m
                    WHERE m.choice <> 0
                    OFFSET 0  -- builds each entry once
                ) AS c
            ) AS c;

            -- Not the ordinary case, or one statement in 1024. PostgreSQL calls "fit" when it plans this
            -- condition, once for each session, and again only after one of these tables has changed. It stands first, since
            -- nothing behind a true condition is planned.
            IF
                NOT "ectowatch"."shop.fit"(ARRAY[
                    '"ectowatch"."shop.journal.0"'::regclass,
                    '"ectowatch"."shop.journal.1"'::regclass,
                    '"ectowatch"."shop.journal.2"'::regclass
                ])
                OR disordered
                OR (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE
            THEN
                IF entry IS NULL THEN  -- the key alone is too large
                    PERFORM setval(
                        '"ectowatch"."shop.lost"',
                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                    RETURN NULL;
                END IF;
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered THEN
                    GET DIAGNOSTICS context = PG_CONTEXT;
                    IF
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                        OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                    THEN
                        IF
                            starts_with(
                                current_setting('ectowatch.mefd3bfbfa8523070', true),
                                (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                            OR state > 2 AND (
                                context LIKE E'%\n%'
                                OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                            )
                        THEN
                            DECLARE
                                place   bigint := "ectowatch"."shop.order"(
                                    'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                    (SELECT count(*) FROM new_rows), false, context,
                                    (change_lsn - '0/0')::bigint + 64, 1);
                            BEGIN
                                IF place IS NULL THEN
                                    PERFORM setval(
                                        '"ectowatch"."shop.lost"'::regclass,
                                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                                ELSIF place > 0 THEN
                                    place := CASE place WHEN 1 THEN (change_lsn - '0/0')::bigint + 64 ELSE place - 1 END;
                                    change_lsn := '0/0'::pg_lsn + place;
                                    IF state > 2 THEN
                                        PERFORM set_config('ectowatch.p07d6dac413e851b3', ARRAY[place, place, 0]::text, true);
                                        state := state + 16;
                                    END IF;
                                END IF;
                            END;
                        ELSIF
                            context LIKE E'%\n%'
                            OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                        THEN
                            -- As that function does if nothing has fired since the client's last message. 64 bytes are less than
                            -- this row takes in the WAL: later rows get higher LSNs.
                            context := set_config(
                                'ectowatch.mefd3bfbfa8523070',
                                concat(
                                    (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text,
                                    '{0,', coalesce(pg_relation_filenode(TG_RELID), 0),
                                    ',', (change_lsn - '0/0')::bigint + 64,
                                    ',60,', length(substr(context, strpos(context || E'\n', E'\n') + 1)),
                                    ',', pg_stat_get_xact_tuples_inserted(TG_RELID),
                                    ',', pg_stat_get_xact_tuples_updated(TG_RELID),
                                    ',', pg_stat_get_xact_tuples_deleted(TG_RELID),
                                    ',1,', '0,0',
                                    ',0,0,0}'),
                                true);
                            change_lsn := change_lsn + 64;
                        END IF;
                    END IF;
                END IF;
                IF (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
                    AND (
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                        OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                    )
                THEN
                    PERFORM "ectowatch"."shop.order"(
                        'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                        (SELECT count(*) FROM new_rows), false, context,
                        NULL, 0);
                END IF;
                RETURN NULL;
            WHEN too_many_rows THEN
                state := 8 + coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
                disordered := greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0;
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;

        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'i', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'i', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'i', entry);
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
                batch       integer := 8;
                run         text[] := '{}';  -- entries of one event that are written together
                run_event   text;
                run_length  integer := 0;
                bodies      text[];  -- of complete runs
                events      text[];
                run_bytes   bigint := 0;
                oversized   boolean := false;  -- whether there was a key that is too large
            BEGIN
                -- Finds the place of these changes in the order of all changes.
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    disordered
                    AND (
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                        OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                    )
                THEN
                    DECLARE
                        place   bigint;
                    BEGIN
                        state := state | 16;
                        IF to_regprocedure('"ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint)') IS NOT NULL THEN
                            place := "ectowatch"."shop.order"(
                                'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                (SELECT count(*) FROM new_rows), false, context,
                                (pg_current_wal_insert_lsn() - '0/0')::bigint + 64, 15);
                        END IF;
                        IF place IS NULL THEN
                            PERFORM setval(
                                '"ectowatch"."shop.lost"'::regclass,
                                (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                            state := state & 15;
                        ELSIF place = 0 THEN
                            state := state & 15;
                        ELSIF place = 1 THEN
                            PERFORM set_config('ectowatch.p07d6dac413e851b3', '{0,0,0}', true);
                        ELSE
                            PERFORM set_config(
                                'ectowatch.p07d6dac413e851b3',
                                ARRAY[abs(place) - 1, abs(place) - 15, (place < 0)::int]::text,
                                true);
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                END IF;

                -- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a
                -- subtransaction ID.
                BEGIN
                    OPEN changes NO SCROLL FOR
                        SELECT
                            'i' AS event,
                            CASE
                                WHEN octet_length(c.entry) <= 524288 THEN c.entry
                                WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                            END AS entry
                        FROM (
                            SELECT
                                json_build_array(
                                    m.choice,
                                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                                )::text AS key_entry,
                                CASE
                                    WHEN (
                                            octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 524288
                                        ) IS NOT TRUE
                                    THEN json_build_array(
                                        m.choice,
                                        CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8,
                                        NULL,
                                        CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text,
                                        NULL
                                    )::text
                                END AS entry
                            FROM (
                                SELECT
                                    r.*,
                                    (
                                        CASE
                                            WHEN "ectowatch"."shop.public.users.when.contact"(
                                                    (SELECT given FROM (
                                                        SELECT
                                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE r.c1 END AS "email",
                                                            CASE WHEN false THEN NULL::pg_catalog.bool ELSE r.c2 END AS "active"
                                                    ) AS given),
                                                    (SELECT given FROM (SELECT NULL::pg_catalog.text AS "email", NULL::pg_catalog.bool AS "active") AS given)
                                                )
                                            THEN 1::int8
                                            ELSE 0
                                        END  -- watchers.contact
                                    ) AS choice
                                FROM (
                                    SELECT
                                        x."id" AS c0,
                                        x."email" AS c1,
                                        x."active" AS c2,
                                        x."tenant" AS c3,
                                        x."seen" AS c4
                                    FROM new_rows AS x
                                ) AS r
                                OFFSET 0  -- evaluates each condition once
                            ) AS m
                            WHERE m.choice <> 0
                            OFFSET 0  -- builds each entry once
                        ) AS c;
                EXCEPTION
                    WHEN others THEN
                        failure := SQLERRM;
                        EXIT capture;
                END;
                LOOP
                    fetched := 0;
                    bodies := '{}';
                    events := '{}';
                    BEGIN
                        -- Fetched one by one, they would take 1.5 times as long.
                        FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
                            fetched := fetched + 1;
                            IF run_length = 100 OR run_bytes >= 1048576 OR change.event <> run_event THEN
                                bodies := bodies || nullif(array_to_string(run, ','), '');
                                events := events || run_event;
                                run := '{}';
                                run_length := 0;
                                run_bytes := 0;
                            END IF;
                            run_event := change.event;
                            run_length := run_length + 1;
                            run[run_length] := change.entry;
                            run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
                            oversized := oversized OR change.entry IS NULL;
                        END LOOP;
                        IF fetched < batch AND run_length > 0 THEN
                            bodies := bodies || nullif(array_to_string(run, ','), '');
                            events := events || run_event;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    FOR i IN 1..cardinality(bodies) LOOP
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, events[i], bodies[i], 0);
                    END LOOP;
                    IF oversized THEN
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, run_event, NULL, 1);
                        oversized := false;
                    END IF;
                    EXIT WHEN fetched < batch;
                    -- A batch is kept in memory, or in temporary files where it is larger than work_mem.
                    batch := least(100, 1 + 1048576 / (run_bytes / run_length + 1));
                END LOOP;
                CLOSE changes;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1626938178, 'i', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.users.insert"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"durable","hash":"29a94be4713d9627","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.insert"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.update"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures UPDATE on public.users, for durable delivery.
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
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; 8 more for a statement of more than
    -- one row, or one whose key has changed; 16 more for changes that must precede others.
    state       bigint;
    disordered  boolean;  -- triggers may fire in another order than that of the changes
    change_lsn  pg_lsn;  -- a later row gets a higher LSN; nextval would change the session's lastval()
    entry       text;
    context     text;
    failure     text;  -- the message of an error
BEGIN
    <<capture>>
    BEGIN
        GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
        BEGIN
            -- Most statements change one row. With more, this reads only up to the second.
            SELECT
                CASE
                    WHEN octet_length(c.entry) <= 524288 THEN c.entry
                    WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                END,
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0)
                    + CASE WHEN c.key_changed THEN 8 ELSE 0 END,
                current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                OR context LIKE E'%\n%'
            INTO STRICT entry, change_lsn, state, disordered
            FROM
                (
                    SELECT
                        m.key_changed,
                        CASE m.event
                            WHEN 'D' THEN json_build_array(
                                m.choice,
                                CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END::pg_catalog.int8
                            )::text
                            ELSE json_build_array(
                                m.choice,
                                CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END::pg_catalog.int8
                            )::text
                        END AS key_entry,
                        CASE m.event
                            WHEN 'D' THEN CASE
                                WHEN (
                                        octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 524288
                                    ) IS NOT TRUE
                                THEN json_build_array(
                                    m.choice,
                                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END::pg_catalog.int8,
                                    NULL,
                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text,
                                    NULL
                                )::text
                            END
                            ELSE CASE
                                WHEN (
                                        octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text) > 524288
                                        OR octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 524288
                                    ) IS NOT TRUE
                                THEN json_build_array(
                                    m.choice,
                                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END::pg_catalog.int8,
                                    CASE
                                        WHEN m.event = 'u'
                                        THEN array_remove(ARRAY[
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END
                                                THEN 'id'
                                            END,
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text COLLATE "C"
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text COLLATE "C"
                                                THEN 'email'
                                            END,
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.int4 ELSE m.n3 END
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.int4 ELSE m.o3 END
                                                THEN 'tenant'
                                            END,
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.bool ELSE m.n2 END
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.bool ELSE m.o2 END
                                                THEN 'active'
                                            END,
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.date ELSE m.n4 END
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.date ELSE m.o4 END
                                                THEN 'seen'
                                            END
                                        ]::text[], NULL)
                                    END,
                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text,
                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text
                                )::text
                            END
                        END AS entry
                    FROM (
                        SELECT
                            j.*,
                            CASE
                                WHEN j.key_changed THEN 0
                                ELSE CASE j.event
                                    WHEN 'u' THEN (
                                        CASE
                                            WHEN CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END::pg_catalog.text COLLATE "C"
                                                    IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END::pg_catalog.text COLLATE "C"
                                                OR CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END
                                                    IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END
                                            THEN CASE
                                                WHEN "ectowatch"."shop.public.users.when.contact"(
                                                        (SELECT given FROM (
                                                            SELECT
                                                                CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END AS "email",
                                                                CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END AS "active"
                                                        ) AS given),
                                                        (SELECT given FROM (
                                                            SELECT
                                                                CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END AS "email",
                                                                CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END AS "active"
                                                        ) AS given)
                                                    )
                                                THEN 1::int8
                                                ELSE 0
                                            END
                                            ELSE 0
                                        END  -- watchers.contact
                                        | 2::int8  -- watchers.audit
                                    )
                                    WHEN 'I' THEN (
                                        CASE
                                            WHEN "ectowatch"."shop.public.users.when.contact"(
                                                    (SELECT given FROM (
                                                        SELECT
                                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END AS "email",
                                                            CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END AS "active"
                                                    ) AS given),
                                                    (SELECT given FROM (
                                                        SELECT
                                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END AS "email",
                                                            CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END AS "active"
                                                    ) AS given)
                                                )
                                            THEN 1::int8
                                            ELSE 0
                                        END  -- watchers.contact
                                    )
                                    ELSE (
                                        2::int8  -- watchers.audit
                                    )
                                END
                            END AS choice
                        FROM (
                            SELECT
                                'u'::text AS event,
                                CASE WHEN false THEN NULL::pg_catalog.int8 ELSE n.c0 END::pg_catalog.int8
                                    <> CASE WHEN false THEN NULL::pg_catalog.int8 ELSE o.c0 END::pg_catalog.int8 AS key_changed,
                                n.c0 AS n0, o.c0 AS o0,
                                n.c1 AS n1, o.c1 AS o1,
                                n.c2 AS n2, o.c2 AS o2,
                                n.c3 AS n3, o.c3 AS o3,
                                n.c4 AS n4, o.c4 AS o4
                            FROM
                                (
                                    SELECT
                                        x."id" AS c0,
                                        x."email" AS c1,
                                        x."active" AS c2,
                                        x."tenant" AS c3,
                                        x."seen" AS c4
                                    FROM new_rows AS x
                                ) AS n,
                                (
                                    SELECT
                                        x."id" AS c0,
                                        x."email" AS c1,
                                        x."active" AS c2,
                                        x."tenant" AS c3,
                                        x."seen" AS c4
                                    FROM old_rows AS x
                                ) AS o
                        ) AS j
                        OFFSET 0  -- evaluates each condition once
                    ) AS m
                    WHERE m.key_changed OR m.choice <> 0
                    OFFSET 0  -- builds each entry once
                ) AS c;

            -- Not the ordinary case, or one statement in 1024. PostgreSQL calls "fit" when it plans this
            -- condition, once for each session, and again only after one of these tables has changed. It stands first, since
            -- nothing behind a true condition is planned.
            IF
                NOT "ectowatch"."shop.fit"(ARRAY[
                    '"ectowatch"."shop.journal.0"'::regclass,
                    '"ectowatch"."shop.journal.1"'::regclass,
                    '"ectowatch"."shop.journal.2"'::regclass
                ])
                OR state > 7
                OR disordered
                OR (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE
            THEN
                IF entry IS NULL THEN  -- the key alone is too large
                    PERFORM setval(
                        '"ectowatch"."shop.lost"',
                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                    RETURN NULL;
                END IF;
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered AND state < 8 THEN
                    IF
                        starts_with(
                            current_setting('ectowatch.mefd3bfbfa8523070', true),
                            (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                        OR state > 2 AND (
                            context LIKE E'%\n%'
                        )
                    THEN
                        DECLARE
                            place   bigint := "ectowatch"."shop.order"(
                                'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                (SELECT count(*) FROM new_rows), false, context,
                                (change_lsn - '0/0')::bigint + 64, 1);
                        BEGIN
                            IF place IS NULL THEN
                                PERFORM setval(
                                    '"ectowatch"."shop.lost"'::regclass,
                                    (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                            ELSIF place > 0 THEN
                                place := CASE place WHEN 1 THEN (change_lsn - '0/0')::bigint + 64 ELSE place - 1 END;
                                change_lsn := '0/0'::pg_lsn + place;
                                IF state > 2 THEN
                                    PERFORM set_config('ectowatch.p07d6dac413e851b3', ARRAY[place, place, 0]::text, true);
                                    state := state + 16;
                                END IF;
                            END IF;
                        END;
                    ELSIF
                        context LIKE E'%\n%'
                    THEN
                        -- As that function does if nothing has fired since the client's last message. 64 bytes are less than
                        -- this row takes in the WAL: later rows get higher LSNs.
                        context := set_config(
                            'ectowatch.mefd3bfbfa8523070',
                            concat(
                                (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text,
                                '{0,', coalesce(pg_relation_filenode(TG_RELID), 0),
                                ',', (change_lsn - '0/0')::bigint + 64,
                                ',60,', length(substr(context, strpos(context || E'\n', E'\n') + 1)),
                                ',', pg_stat_get_xact_tuples_inserted(TG_RELID),
                                ',', pg_stat_get_xact_tuples_updated(TG_RELID),
                                ',', pg_stat_get_xact_tuples_deleted(TG_RELID),
                                ',0,', '0,0',
                                ',0,0,0}'),
                            true);
                        change_lsn := change_lsn + 64;
                    END IF;
                END IF;
                IF (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                IF
                    current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                    OR context LIKE E'%\n%'
                THEN
                    PERFORM "ectowatch"."shop.order"(
                        'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                        (SELECT count(*) FROM new_rows), false, context,
                        NULL, 0);
                END IF;
                RETURN NULL;
            WHEN too_many_rows THEN
                state := 8 + coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
                disordered :=
                    current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                    OR context LIKE E'%\n%';
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;

        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'u', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'u', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'u', entry);
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
                batch       integer := 8;
                run         text[] := '{}';  -- entries of one event that are written together
                run_event   text;
                run_length  integer := 0;
                bodies      text[];  -- of complete runs
                events      text[];
                run_bytes   bigint := 0;
                oversized   boolean := false;  -- whether there was a key that is too large
            BEGIN
                -- Finds the place of these changes in the order of all changes.
                -- An update of keys may fire before the DELETE, in the same query, of a row whose key it has taken.
                IF
                    disordered
                    OR (
                        pg_stat_get_xact_tuples_inserted(TG_RELID) > 0
                        OR pg_stat_get_xact_tuples_deleted(TG_RELID) > 0
                        OR pg_stat_get_xact_tuples_updated(TG_RELID) > (SELECT count(*) FROM new_rows)
                    )
                    AND (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                THEN
                    DECLARE
                        place   bigint;
                    BEGIN
                        state := state | 16;
                        IF to_regprocedure('"ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint)') IS NOT NULL THEN
                            place := "ectowatch"."shop.order"(
                                'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                (SELECT count(*) FROM new_rows), true, context,
                                (pg_current_wal_insert_lsn() - '0/0')::bigint + 64, 15);
                        END IF;
                        IF place IS NULL THEN
                            PERFORM setval(
                                '"ectowatch"."shop.lost"'::regclass,
                                (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                            state := state & 15;
                        ELSIF place = 0 THEN
                            state := state & 15;
                        ELSIF place = 1 THEN
                            PERFORM set_config('ectowatch.p07d6dac413e851b3', '{0,0,0}', true);
                        ELSE
                            PERFORM set_config(
                                'ectowatch.p07d6dac413e851b3',
                                ARRAY[abs(place) - 1, abs(place) - 15, (place < 0)::int]::text,
                                true);
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                END IF;

                -- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a
                -- subtransaction ID.
                BEGIN
                    OPEN changes NO SCROLL FOR
                        -- In the order of their events, else the runs could be short: changed keys are among the others.
                        -- Old and new rows are matched by key, so that a changed key is one deletion and one insertion.
                        -- A full join cannot become a nested loop, for whatever number of rows the plan was made.
                        SELECT
                            c.event,
                            CASE c.event
                                WHEN 'u' THEN
                                    CASE
                                        WHEN octet_length(c.entry) <= 524288 THEN c.entry
                                        WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                                    END
                                ELSE  -- the deletion and the insertion begin with the same number
                                    '[' || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint) || ',' || substr(
                                        CASE
                                            WHEN octet_length(c.entry) <= 524288 THEN c.entry
                                            WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                                        END,
                                        2)
                            END AS entry
                        FROM (
                            SELECT
                                m.event,
                                CASE m.event
                                    WHEN 'D' THEN json_build_array(
                                        m.choice,
                                        CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END::pg_catalog.int8
                                    )::text
                                    ELSE json_build_array(
                                        m.choice,
                                        CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END::pg_catalog.int8
                                    )::text
                                END AS key_entry,
                                CASE m.event
                                    WHEN 'D' THEN CASE
                                        WHEN (
                                                octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 524288
                                            ) IS NOT TRUE
                                        THEN json_build_array(
                                            m.choice,
                                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END::pg_catalog.int8,
                                            NULL,
                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text,
                                            NULL
                                        )::text
                                    END
                                    ELSE CASE
                                        WHEN (
                                                octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text) > 524288
                                                OR octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 524288
                                            ) IS NOT TRUE
                                        THEN json_build_array(
                                            m.choice,
                                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END::pg_catalog.int8,
                                            CASE
                                                WHEN m.event = 'u'
                                                THEN array_remove(ARRAY[
                                                    CASE
                                                        WHEN CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.n0 END
                                                                IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.o0 END
                                                        THEN 'id'
                                                    END,
                                                    CASE
                                                        WHEN CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text COLLATE "C"
                                                                IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text COLLATE "C"
                                                        THEN 'email'
                                                    END,
                                                    CASE
                                                        WHEN CASE WHEN false THEN NULL::pg_catalog.int4 ELSE m.n3 END
                                                                IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.int4 ELSE m.o3 END
                                                        THEN 'tenant'
                                                    END,
                                                    CASE
                                                        WHEN CASE WHEN false THEN NULL::pg_catalog.bool ELSE m.n2 END
                                                                IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.bool ELSE m.o2 END
                                                        THEN 'active'
                                                    END,
                                                    CASE
                                                        WHEN CASE WHEN false THEN NULL::pg_catalog.date ELSE m.n4 END
                                                                IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.date ELSE m.o4 END
                                                        THEN 'seen'
                                                    END
                                                ]::text[], NULL)
                                            END,
                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text,
                                            CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text
                                        )::text
                                    END
                                END AS entry
                            FROM (
                                SELECT
                                    j.*,
                                    CASE j.event
                                        WHEN 'u' THEN (
                                            CASE
                                                WHEN CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END::pg_catalog.text COLLATE "C"
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END::pg_catalog.text COLLATE "C"
                                                    OR CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END
                                                        IS DISTINCT FROM CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END
                                                THEN CASE
                                                    WHEN "ectowatch"."shop.public.users.when.contact"(
                                                            (SELECT given FROM (
                                                                SELECT
                                                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END AS "email",
                                                                    CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END AS "active"
                                                            ) AS given),
                                                            (SELECT given FROM (
                                                                SELECT
                                                                    CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END AS "email",
                                                                    CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END AS "active"
                                                            ) AS given)
                                                        )
                                                    THEN 1::int8
                                                    ELSE 0
                                                END
                                                ELSE 0
                                            END  -- watchers.contact
                                            | 2::int8  -- watchers.audit
                                        )
                                        WHEN 'I' THEN (
                                            CASE
                                                WHEN "ectowatch"."shop.public.users.when.contact"(
                                                        (SELECT given FROM (
                                                            SELECT
                                                                CASE WHEN false THEN NULL::pg_catalog.text ELSE j.n1 END AS "email",
                                                                CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.n2 END AS "active"
                                                        ) AS given),
                                                        (SELECT given FROM (
                                                            SELECT
                                                                CASE WHEN false THEN NULL::pg_catalog.text ELSE j.o1 END AS "email",
                                                                CASE WHEN false THEN NULL::pg_catalog.bool ELSE j.o2 END AS "active"
                                                        ) AS given)
                                                    )
                                                THEN 1::int8
                                                ELSE 0
                                            END  -- watchers.contact
                                        )
                                        ELSE (
                                            2::int8  -- watchers.audit
                                        )
                                    END AS choice
                                FROM (
                                    SELECT
                                        CASE
                                            WHEN o.key IS NULL THEN 'I'
                                            WHEN n.key IS NULL THEN 'D'
                                            ELSE 'u'
                                        END AS event,
                                        n.c0 AS n0, o.c0 AS o0,
                                        n.c1 AS n1, o.c1 AS o1,
                                        n.c2 AS n2, o.c2 AS o2,
                                        n.c3 AS n3, o.c3 AS o3,
                                        n.c4 AS n4, o.c4 AS o4
                                    FROM (
                                        SELECT
                                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE n.c0 END AS key,
                                            n.*
                                        FROM (
                                            SELECT
                                                x."id" AS c0,
                                                x."email" AS c1,
                                                x."active" AS c2,
                                                x."tenant" AS c3,
                                                x."seen" AS c4
                                            FROM new_rows AS x
                                        ) AS n
                                    ) AS n
                                    FULL JOIN (
                                        SELECT
                                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE o.c0 END AS key,
                                            o.*
                                        FROM (
                                            SELECT
                                                x."id" AS c0,
                                                x."email" AS c1,
                                                x."active" AS c2,
                                                x."tenant" AS c3,
                                                x."seen" AS c4
                                            FROM old_rows AS x
                                        ) AS o
                                    ) AS o
                                        ON n.key = o.key
                                ) AS j
                                OFFSET 0  -- evaluates each condition once
                            ) AS m
                            WHERE m.choice <> 0
                            OFFSET 0  -- builds each entry once
                        ) AS c
                        ORDER BY c.event COLLATE "C";
                EXCEPTION
                    WHEN others THEN
                        failure := SQLERRM;
                        EXIT capture;
                END;
                LOOP
                    fetched := 0;
                    bodies := '{}';
                    events := '{}';
                    BEGIN
                        -- Fetched one by one, they would take 1.5 times as long.
                        FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
                            fetched := fetched + 1;
                            IF run_length = 100 OR run_bytes >= 1048576 OR change.event <> run_event THEN
                                bodies := bodies || nullif(array_to_string(run, ','), '');
                                events := events || run_event;
                                run := '{}';
                                run_length := 0;
                                run_bytes := 0;
                            END IF;
                            run_event := change.event;
                            run_length := run_length + 1;
                            run[run_length] := change.entry;
                            run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
                            oversized := oversized OR change.entry IS NULL;
                        END LOOP;
                        IF fetched < batch AND run_length > 0 THEN
                            bodies := bodies || nullif(array_to_string(run, ','), '');
                            events := events || run_event;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    FOR i IN 1..cardinality(bodies) LOOP
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, events[i], bodies[i], 0);
                    END LOOP;
                    IF oversized THEN
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, run_event, NULL, 1);
                        oversized := false;
                    END IF;
                    EXIT WHEN fetched < batch;
                    -- A batch is kept in memory, or in temporary files where it is larger than work_mem.
                    batch := least(100, 1 + 1048576 / (run_bytes / run_length + 1));
                END LOOP;
                CLOSE changes;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1626938178, 'u', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.users.update"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"durable","hash":"b597c9129421c028","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.update"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.delete"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures DELETE on public.users, for durable delivery.
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
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; 8 more for a statement of more than
    -- one row, or one whose key has changed; 16 more for changes that must precede others.
    state       bigint;
    disordered  boolean;  -- triggers may fire in another order than that of the changes
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
                c.entry,
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0),
                greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
            INTO STRICT entry, change_lsn, state, disordered
            FROM (
                SELECT
                    'd' AS event,
                    CASE
                        WHEN octet_length(c.entry) <= 524288 THEN c.entry
                        WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                    END AS entry
                FROM (
                    SELECT
                        json_build_array(
                            m.choice,
                            CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                        )::text AS key_entry,
                        CASE
                            WHEN (
                                    octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 524288
                                ) IS NOT TRUE
                            THEN json_build_array(
                                m.choice,
                                CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8,
                                NULL,
                                CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text,
                                NULL
                            )::text
                        END AS entry
                    FROM (
                        SELECT
                            r.*,
                            (
                                2::int8  -- watchers.audit
                            ) AS choice
                        FROM (
                            SELECT
                                x."id" AS c0,
                                x."email" AS c1,
                                x."active" AS c2,
                                x."tenant" AS c3,
                                x."seen" AS c4
                            FROM old_rows AS x
                        ) AS r
                        OFFSET 0  -- evaluates each condition once
                    ) AS m
                    WHERE m.choice <> 0
                    OFFSET 0  -- builds each entry once
                ) AS c
            ) AS c;

            -- Not the ordinary case, or one statement in 1024. PostgreSQL calls "fit" when it plans this
            -- condition, once for each session, and again only after one of these tables has changed. It stands first, since
            -- nothing behind a true condition is planned.
            IF
                NOT "ectowatch"."shop.fit"(ARRAY[
                    '"ectowatch"."shop.journal.0"'::regclass,
                    '"ectowatch"."shop.journal.1"'::regclass,
                    '"ectowatch"."shop.journal.2"'::regclass
                ])
                OR disordered
                OR (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE
            THEN
                IF entry IS NULL THEN  -- the key alone is too large
                    PERFORM setval(
                        '"ectowatch"."shop.lost"',
                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                    RETURN NULL;
                END IF;
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered THEN
                    GET DIAGNOSTICS context = PG_CONTEXT;
                    IF
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                    THEN
                        IF
                            starts_with(
                                current_setting('ectowatch.mefd3bfbfa8523070', true),
                                (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                            OR state > 2 AND (
                                context LIKE E'%\n%'
                            )
                        THEN
                            DECLARE
                                place   bigint := "ectowatch"."shop.order"(
                                    'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                    (SELECT count(*) FROM old_rows), false, context,
                                    (change_lsn - '0/0')::bigint + 64, 1);
                            BEGIN
                                IF place IS NULL THEN
                                    PERFORM setval(
                                        '"ectowatch"."shop.lost"'::regclass,
                                        (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                                ELSIF place > 0 THEN
                                    place := CASE place WHEN 1 THEN (change_lsn - '0/0')::bigint + 64 ELSE place - 1 END;
                                    change_lsn := '0/0'::pg_lsn + place;
                                    IF state > 2 THEN
                                        PERFORM set_config('ectowatch.p07d6dac413e851b3', ARRAY[place, place, 0]::text, true);
                                        state := state + 16;
                                    END IF;
                                END IF;
                            END;
                        ELSIF
                            context LIKE E'%\n%'
                        THEN
                            -- As that function does if nothing has fired since the client's last message. 64 bytes are less than
                            -- this row takes in the WAL: later rows get higher LSNs.
                            context := set_config(
                                'ectowatch.mefd3bfbfa8523070',
                                concat(
                                    (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text,
                                    '{0,', coalesce(pg_relation_filenode(TG_RELID), 0),
                                    ',', (change_lsn - '0/0')::bigint + 64,
                                    ',60,', length(substr(context, strpos(context || E'\n', E'\n') + 1)),
                                    ',', pg_stat_get_xact_tuples_inserted(TG_RELID),
                                    ',', pg_stat_get_xact_tuples_updated(TG_RELID),
                                    ',', pg_stat_get_xact_tuples_deleted(TG_RELID),
                                    ',0,', length(substr(context, strpos(context || E'\n', E'\n') + 1)) + 1,
                                    ',', length(substr(context, strpos(context || E'\n', E'\n') + 1)) + 1,
                                    ',0,0,0}'),
                                true);
                            change_lsn := change_lsn + 64;
                        END IF;
                    END IF;
                END IF;
                IF (pg_lsn_hash(change_lsn) < -2143289344 + octet_length(entry) * 32) IS NOT FALSE THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
                    AND (
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                    )
                THEN
                    PERFORM "ectowatch"."shop.order"(
                        'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                        (SELECT count(*) FROM old_rows), false, context,
                        NULL, 0);
                END IF;
                RETURN NULL;
            WHEN too_many_rows THEN
                state := 8 + coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
                disordered := greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0;
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;

        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'd', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'd', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1626938178, 'd', entry);
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
                batch       integer := 8;
                run         text[] := '{}';  -- entries of one event that are written together
                run_event   text;
                run_length  integer := 0;
                bodies      text[];  -- of complete runs
                events      text[];
                run_bytes   bigint := 0;
                oversized   boolean := false;  -- whether there was a key that is too large
            BEGIN
                -- Finds the place of these changes in the order of all changes.
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    disordered
                    AND (
                        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
                        OR context LIKE E'%\n%'
                    )
                THEN
                    DECLARE
                        place   bigint;
                    BEGIN
                        state := state | 16;
                        IF to_regprocedure('"ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint)') IS NOT NULL THEN
                            place := "ectowatch"."shop.order"(
                                'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
                                (SELECT count(*) FROM old_rows), false, context,
                                (pg_current_wal_insert_lsn() - '0/0')::bigint + 64, 15);
                        END IF;
                        IF place IS NULL THEN
                            PERFORM setval(
                                '"ectowatch"."shop.lost"'::regclass,
                                (date_part('epoch', clock_timestamp()) * 100000)::bigint * 10);
                            state := state & 15;
                        ELSIF place = 0 THEN
                            state := state & 15;
                        ELSIF place = 1 THEN
                            PERFORM set_config('ectowatch.p07d6dac413e851b3', '{0,0,0}', true);
                        ELSE
                            PERFORM set_config(
                                'ectowatch.p07d6dac413e851b3',
                                ARRAY[abs(place) - 1, abs(place) - 15, (place < 0)::int]::text,
                                true);
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                END IF;

                -- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a
                -- subtransaction ID.
                BEGIN
                    OPEN changes NO SCROLL FOR
                        SELECT
                            'd' AS event,
                            CASE
                                WHEN octet_length(c.entry) <= 524288 THEN c.entry
                                WHEN octet_length(c.key_entry) <= 524288 THEN c.key_entry
                            END AS entry
                        FROM (
                            SELECT
                                json_build_array(
                                    m.choice,
                                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                                )::text AS key_entry,
                                CASE
                                    WHEN (
                                            octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 524288
                                        ) IS NOT TRUE
                                    THEN json_build_array(
                                        m.choice,
                                        CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8,
                                        NULL,
                                        CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text,
                                        NULL
                                    )::text
                                END AS entry
                            FROM (
                                SELECT
                                    r.*,
                                    (
                                        2::int8  -- watchers.audit
                                    ) AS choice
                                FROM (
                                    SELECT
                                        x."id" AS c0,
                                        x."email" AS c1,
                                        x."active" AS c2,
                                        x."tenant" AS c3,
                                        x."seen" AS c4
                                    FROM old_rows AS x
                                ) AS r
                                OFFSET 0  -- evaluates each condition once
                            ) AS m
                            WHERE m.choice <> 0
                            OFFSET 0  -- builds each entry once
                        ) AS c;
                EXCEPTION
                    WHEN others THEN
                        failure := SQLERRM;
                        EXIT capture;
                END;
                LOOP
                    fetched := 0;
                    bodies := '{}';
                    events := '{}';
                    BEGIN
                        -- Fetched one by one, they would take 1.5 times as long.
                        FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
                            fetched := fetched + 1;
                            IF run_length = 100 OR run_bytes >= 1048576 OR change.event <> run_event THEN
                                bodies := bodies || nullif(array_to_string(run, ','), '');
                                events := events || run_event;
                                run := '{}';
                                run_length := 0;
                                run_bytes := 0;
                            END IF;
                            run_event := change.event;
                            run_length := run_length + 1;
                            run[run_length] := change.entry;
                            run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
                            oversized := oversized OR change.entry IS NULL;
                        END LOOP;
                        IF fetched < batch AND run_length > 0 THEN
                            bodies := bodies || nullif(array_to_string(run, ','), '');
                            events := events || run_event;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    FOR i IN 1..cardinality(bodies) LOOP
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, events[i], bodies[i], 0);
                    END LOOP;
                    IF oversized THEN
                        PERFORM "ectowatch"."shop.append"(state, 1626938178, run_event, NULL, 1);
                        oversized := false;
                    END IF;
                    EXIT WHEN fetched < batch;
                    -- A batch is kept in memory, or in temporary files where it is larger than work_mem.
                    batch := least(100, 1 + 1048576 / (run_bytes / run_length + 1));
                END LOOP;
                CLOSE changes;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1626938178, 'd', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.users.delete"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"durable","hash":"3da8f89600f7ef17","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.delete"() FROM PUBLIC;
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
              'shop.public.users.when.contact',
              'shop.public.users.insert',
              'shop.public.users.update',
              'shop.public.users.delete'
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
CREATE OR REPLACE TRIGGER "ectowatch.shop.insert"
AFTER INSERT ON "public"."users"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.users.insert"();
CREATE OR REPLACE TRIGGER "ectowatch.shop.update"
AFTER UPDATE ON "public"."users"
REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.users.update"();
CREATE OR REPLACE TRIGGER "ectowatch.shop.delete"
AFTER DELETE ON "public"."users"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.users.delete"();
COMMIT;
