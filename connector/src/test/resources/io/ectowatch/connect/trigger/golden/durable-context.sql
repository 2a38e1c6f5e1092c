-- The triggers of this table and these settings; run base-durable-context.sql before. GoldenSqlTest compares.
--
--     CREATE TABLE public.items (id int4 NOT NULL, name text, PRIMARY KEY (id));
--
--     tables=items
--     context.allowed=true
--     actor=true

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
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.insert"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures INSERT on public.items, for durable delivery.
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
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END),
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0),
                greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
            INTO STRICT entry, change_lsn, state, disordered
            FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r;

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
                OR pg_lsn_hash(change_lsn) < -2143289344
            THEN
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered THEN
                    GET DIAGNOSTICS context = PG_CONTEXT;
                    IF
                        current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
                        OR context LIKE E'%\n%'
                        OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                    THEN
                        IF
                            starts_with(
                                current_setting('ectowatch.m16977a54231eb8ea', true),
                                (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                            OR state > 2 AND (
                                context LIKE E'%\n%'
                                OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
                            )
                        THEN
                            DECLARE
                                place   bigint := "ectowatch"."shop.order"(
                                    'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
                                    1, false, context,
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
                                'ectowatch.m16977a54231eb8ea',
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
                IF pg_lsn_hash(change_lsn) < -2143289344 THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
            -- What the transaction says about its changes stands before them; "append" adds it in the other cases.
            IF state < 3 THEN
                entry := "ectowatch"."shop.context"() || entry;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
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
            VALUES (change_lsn, 1779244145, 'i', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'i', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'i', entry);
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
                keys        int8[];
                alike       boolean;  -- no key has changed
                taken       bigint := 0;  -- rows that are done
                at_once     bigint := 1000;
                first_key   int8;  -- of all keys, if none between it and the last is missing
                last_key    int8;
            BEGIN
                -- Finds the place of these changes in the order of all changes.
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    disordered
                    AND (
                        current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
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
                                'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
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

                -- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost. If
                -- the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
                -- rows.
                LOOP
                    BEGIN
                        SELECT r.keys, true INTO keys, alike
                        FROM (
                            SELECT array_agg((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE s.c0 END)::int8) AS keys
                            FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r OFFSET taken LIMIT at_once) AS s
                        ) AS r;
                        -- The keys of a bulk load are usually consecutive, as the first 1000 then show. If there
                        -- are as many keys as numbers from the first to the last, and no key occurs twice, these two define all
                        -- of them. The conditions make sure that no key occurs twice.
                        IF taken = 0 AND keys[1000]::numeric - keys[1] = 1000 - 1 THEN
                            IF
                                EXISTS (
                                    SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                                    WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                                        AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                                        AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = 'id'
                                )
                                AND pg_stat_get_xact_tuples_inserted(TG_RELID) >= 1000
                                AND pg_stat_get_xact_tuples_updated(TG_RELID) = 0
                                AND pg_stat_get_xact_tuples_deleted(TG_RELID) = 0
                            THEN
                                SELECT n.least, n.greatest INTO first_key, last_key
                                FROM (
                                    SELECT
                                        min((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS least,
                                        max((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS greatest,
                                        count(*) AS number
                                    FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r
                                ) AS n
                                WHERE n.greatest::numeric - n.least = n.number - 1;
                            END IF;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    EXIT WHEN keys IS NULL OR NOT alike;
                    IF first_key IS NOT NULL THEN
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'i',
                            '{"from":' || n || ',"to":' || (n + least(last_key - n, 10000 - 1)) || '}',
                            0)
                        FROM generate_series(first_key, last_key, 10000) AS n;
                        EXIT;
                    END IF;
                    IF cardinality(keys) < 1000 THEN  -- the usual case, in which no slice is needed
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'i',
                            '[' || array_to_string(keys, '],[') || ']',
                            0);
                        EXIT;
                    END IF;
                    PERFORM "ectowatch"."shop.append"(
                        state, 1779244145, 'i',
                        CASE
                            WHEN part.keys[1000]::numeric - part.keys[1] = 1000 - 1
                                AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[1000]))
                            THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[1000] || '}'
                            ELSE '[' || array_to_string(part.keys, '],[') || ']'
                        END,
                        0)
                    FROM (
                        SELECT flat.whole[n:n + 1000 - 1] AS keys
                        FROM
                            (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
                            LATERAL generate_series(1, cardinality(flat.whole), 1000) AS n
                        OFFSET 0  -- else every use of a slice makes it again
                    ) AS part;
                    EXIT WHEN cardinality(keys) < at_once;
                    taken := taken + cardinality(keys);
                    at_once := 1048576;
                END LOOP;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1779244145, 'i', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.items.insert"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"durable","hash":"09c2af4d6b46efb8","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.insert"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.update"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures UPDATE on public.items, for durable delivery.
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
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE n.c0 END),
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0)
                    + CASE
                        WHEN CASE WHEN false THEN NULL::pg_catalog.int4 ELSE n.c0 END
                            <> CASE WHEN false THEN NULL::pg_catalog.int4 ELSE o.c0 END
                        THEN 8
                        ELSE 0
                    END,
                current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
                OR context LIKE E'%\n%'
            INTO STRICT entry, change_lsn, state, disordered
            FROM
                (SELECT x."id" AS c0 FROM new_rows AS x) AS n,
                (SELECT x."id" AS c0 FROM old_rows AS x) AS o;

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
                OR pg_lsn_hash(change_lsn) < -2143289344
            THEN
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered AND state < 8 THEN
                    IF
                        starts_with(
                            current_setting('ectowatch.m16977a54231eb8ea', true),
                            (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                        OR state > 2 AND (
                            context LIKE E'%\n%'
                        )
                    THEN
                        DECLARE
                            place   bigint := "ectowatch"."shop.order"(
                                'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
                                1, false, context,
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
                            'ectowatch.m16977a54231eb8ea',
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
                IF pg_lsn_hash(change_lsn) < -2143289344 THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
            -- What the transaction says about its changes stands before them; "append" adds it in the other cases.
            IF state < 3 THEN
                entry := "ectowatch"."shop.context"() || entry;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
                RETURN NULL;
            WHEN too_many_rows THEN
                state := 8 + coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0);
                disordered :=
                    current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
                    OR context LIKE E'%\n%';
            WHEN others THEN
                failure := SQLERRM;
                EXIT capture;
        END;

        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO "ectowatch"."shop.journal.0" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'u', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'u', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'u', entry);
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
                keys        int8[];
                alike       boolean;  -- no key has changed
                taken       bigint := 0;  -- rows that are done
                at_once     bigint := 1000;
                first_key   int8;  -- of all keys, if none between it and the last is missing
                last_key    int8;
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
                                'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
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

                -- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost. If
                -- the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
                -- rows.
                LOOP
                    BEGIN
                        SELECT n.keys, n.keys = o.keys INTO keys, alike
                        FROM
                            (
                                SELECT array_agg((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE s.c0 END)::int8) AS keys
                                FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r OFFSET taken LIMIT at_once) AS s
                            ) AS n,
                            (
                                SELECT array_agg((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE s.c0 END)::int8) AS keys
                                FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r OFFSET taken LIMIT at_once) AS s
                            ) AS o;
                        -- The keys of a bulk load are usually consecutive, as the first 1000 then show. If there
                        -- are as many keys as numbers from the first to the last, and no key occurs twice, these two define all
                        -- of them. The conditions make sure that no key occurs twice.
                        IF taken = 0 AND keys[1000]::numeric - keys[1] = 1000 - 1 THEN
                            IF
                                EXISTS (
                                    SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                                    WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                                        AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                                        AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = 'id'
                                )
                                AND pg_stat_get_xact_tuples_deleted(TG_RELID) = 0
                            THEN
                                SELECT n.least, n.greatest INTO first_key, last_key
                                FROM
                                    (
                                        SELECT
                                            min((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS least,
                                            max((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS greatest,
                                            count(*) AS number
                                        FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r
                                    ) AS n,
                                    (
                                        SELECT
                                            min((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS least,
                                            max((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS greatest,
                                            count(*) AS number
                                        FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r
                                    ) AS o
                                WHERE n.greatest::numeric - n.least = n.number - 1
                                    AND o.least = n.least AND o.greatest = n.greatest
                                    AND pg_stat_get_xact_tuples_updated(TG_RELID) = n.number;
                            END IF;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    EXIT WHEN keys IS NULL OR NOT alike;
                    IF first_key IS NOT NULL THEN
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'u',
                            '{"from":' || n || ',"to":' || (n + least(last_key - n, 10000 - 1)) || '}',
                            0)
                        FROM generate_series(first_key, last_key, 10000) AS n;
                        EXIT;
                    END IF;
                    IF cardinality(keys) < 1000 THEN  -- the usual case, in which no slice is needed
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'u',
                            '[' || array_to_string(keys, '],[') || ']',
                            0);
                        EXIT;
                    END IF;
                    PERFORM "ectowatch"."shop.append"(
                        state, 1779244145, 'u',
                        CASE
                            WHEN part.keys[1000]::numeric - part.keys[1] = 1000 - 1
                                AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[1000]))
                            THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[1000] || '}'
                            ELSE '[' || array_to_string(part.keys, '],[') || ']'
                        END,
                        0)
                    FROM (
                        SELECT flat.whole[n:n + 1000 - 1] AS keys
                        FROM
                            (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
                            LATERAL generate_series(1, cardinality(flat.whole), 1000) AS n
                        OFFSET 0  -- else every use of a slice makes it again
                    ) AS part;
                    EXIT WHEN cardinality(keys) < at_once;
                    taken := taken + cardinality(keys);
                    at_once := 1048576;
                END LOOP;
                EXIT many WHEN alike IS NOT FALSE;

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
                                    c.entry
                                ELSE  -- the deletion and the insertion begin with the same number
                                    '[' || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint) || ',' || substr(
                                        c.entry,
                                        2)
                            END AS entry
                        FROM (
                            SELECT
                                CASE
                                    WHEN o.key IS NULL THEN 'I'
                                    WHEN n.key IS NULL THEN 'D'
                                    ELSE 'u'
                                END AS event,
                                coalesce(n.key, o.key) AS key,
                                coalesce(n.key, o.key) AS entry
                            FROM (
                                SELECT
                                    format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE n.c0 END) AS key,
                                    n.*
                                FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r OFFSET taken) AS n
                            ) AS n
                            FULL JOIN (
                                SELECT
                                    format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE o.c0 END) AS key,
                                    o.*
                                FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r OFFSET taken) AS o
                            ) AS o
                                ON n.key = o.key COLLATE "C"
                            OFFSET 0  -- builds each entry once
                        ) AS c
                        WHERE c.event IN ('I', 'u', 'D')
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
                            IF run_length = 1000 OR change.event <> run_event THEN
                                bodies := bodies || nullif(array_to_string(run, ','), '');
                                events := events || run_event;
                                run := '{}';
                                run_length := 0;
                            END IF;
                            run_event := change.event;
                            run_length := run_length + 1;
                            run[run_length] := change.entry;
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
                        PERFORM "ectowatch"."shop.append"(state, 1779244145, events[i], bodies[i], 0);
                    END LOOP;
                    EXIT WHEN fetched < batch;
                END LOOP;
                CLOSE changes;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1779244145, 'u', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.items.update"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"durable","hash":"b0c79dab0ff0104f","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.update"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.delete"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures DELETE on public.items, for durable delivery.
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
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END),
                pg_current_wal_insert_lsn(),
                coalesce(pg_sequence_last_value('"ectowatch"."shop.ring"'::regclass), 0),
                greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
            INTO STRICT entry, change_lsn, state, disordered
            FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r;

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
                OR pg_lsn_hash(change_lsn) < -2143289344
            THEN
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                IF disordered THEN
                    GET DIAGNOSTICS context = PG_CONTEXT;
                    IF
                        current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
                        OR context LIKE E'%\n%'
                    THEN
                        IF
                            starts_with(
                                current_setting('ectowatch.m16977a54231eb8ea', true),
                                (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
                            OR state > 2 AND (
                                context LIKE E'%\n%'
                            )
                        THEN
                            DECLARE
                                place   bigint := "ectowatch"."shop.order"(
                                    'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
                                    1, false, context,
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
                                'ectowatch.m16977a54231eb8ea',
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
                IF pg_lsn_hash(change_lsn) < -2143289344 THEN
                    PERFORM "ectowatch"."shop.guard"();
                END IF;
            END IF;
            -- What the transaction says about its changes stands before them; "append" adds it in the other cases.
            IF state < 3 THEN
                entry := "ectowatch"."shop.context"() || entry;
            END IF;
        EXCEPTION
            WHEN no_data_found THEN
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
            VALUES (change_lsn, 1779244145, 'd', entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO "ectowatch"."shop.journal.1" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'd', entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO "ectowatch"."shop.journal.2" (lsn, layout, event, body)
            VALUES (change_lsn, 1779244145, 'd', entry);
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
                keys        int8[];
                alike       boolean;  -- no key has changed
                taken       bigint := 0;  -- rows that are done
                at_once     bigint := 1000;
                first_key   int8;  -- of all keys, if none between it and the last is missing
                last_key    int8;
            BEGIN
                -- Finds the place of these changes in the order of all changes.
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    disordered
                    AND (
                        current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
                        OR context LIKE E'%\n%'
                    )
                THEN
                    DECLARE
                        place   bigint;
                    BEGIN
                        state := state | 16;
                        IF to_regprocedure('"ectowatch"."shop.order"(text, oid, text, text, bigint, boolean, text, bigint, bigint)') IS NOT NULL THEN
                            place := "ectowatch"."shop.order"(
                                'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
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

                -- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost. If
                -- the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
                -- rows.
                LOOP
                    BEGIN
                        SELECT r.keys, true INTO keys, alike
                        FROM (
                            SELECT array_agg((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE s.c0 END)::int8) AS keys
                            FROM (SELECT r.* FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r OFFSET taken LIMIT at_once) AS s
                        ) AS r;
                        -- The keys of a bulk load are usually consecutive, as the first 1000 then show. If there
                        -- are as many keys as numbers from the first to the last, and no key occurs twice, these two define all
                        -- of them. The conditions make sure that no key occurs twice.
                        IF taken = 0 AND keys[1000]::numeric - keys[1] = 1000 - 1 THEN
                            IF
                                EXISTS (
                                    SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                                    WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                                        AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                                        AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = 'id'
                                )
                            THEN
                                SELECT n.least, n.greatest INTO first_key, last_key
                                FROM (
                                    SELECT
                                        min((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS least,
                                        max((CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END)::int8) AS greatest,
                                        count(*) AS number
                                    FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r
                                ) AS n
                                WHERE n.greatest::numeric - n.least = n.number - 1;
                            END IF;
                        END IF;
                    EXCEPTION
                        WHEN others THEN
                            failure := SQLERRM;
                            EXIT capture;
                    END;
                    EXIT WHEN keys IS NULL OR NOT alike;
                    IF first_key IS NOT NULL THEN
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'd',
                            '{"from":' || n || ',"to":' || (n + least(last_key - n, 10000 - 1)) || '}',
                            0)
                        FROM generate_series(first_key, last_key, 10000) AS n;
                        EXIT;
                    END IF;
                    IF cardinality(keys) < 1000 THEN  -- the usual case, in which no slice is needed
                        PERFORM "ectowatch"."shop.append"(
                            state, 1779244145, 'd',
                            '[' || array_to_string(keys, '],[') || ']',
                            0);
                        EXIT;
                    END IF;
                    PERFORM "ectowatch"."shop.append"(
                        state, 1779244145, 'd',
                        CASE
                            WHEN part.keys[1000]::numeric - part.keys[1] = 1000 - 1
                                AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[1000]))
                            THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[1000] || '}'
                            ELSE '[' || array_to_string(part.keys, '],[') || ']'
                        END,
                        0)
                    FROM (
                        SELECT flat.whole[n:n + 1000 - 1] AS keys
                        FROM
                            (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
                            LATERAL generate_series(1, cardinality(flat.whole), 1000) AS n
                        OFFSET 0  -- else every use of a slice makes it again
                    ) AS part;
                    EXIT WHEN cardinality(keys) < at_once;
                    taken := taken + cardinality(keys);
                    at_once := 1048576;
                END LOOP;
            END;
        ELSE
            PERFORM "ectowatch"."shop.append"(state, 1779244145, 'd', entry, 0);
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
COMMENT ON FUNCTION "ectowatch"."shop.public.items.delete"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"durable","hash":"a3e9b7bdcc44f2ad","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.delete"() FROM PUBLIC;
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
              'shop.public.items.insert',
              'shop.public.items.update',
              'shop.public.items.delete'
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
AFTER INSERT ON "public"."items"
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.items.insert"();
CREATE OR REPLACE TRIGGER "ectowatch.shop.update"
AFTER UPDATE ON "public"."items"
REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.items.update"();
CREATE OR REPLACE TRIGGER "ectowatch.shop.delete"
AFTER DELETE ON "public"."items"
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT
EXECUTE FUNCTION "ectowatch"."shop.public.items.delete"();
COMMIT;
