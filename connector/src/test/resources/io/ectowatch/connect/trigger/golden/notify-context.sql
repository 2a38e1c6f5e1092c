-- The triggers of this table and these settings; run base-notify-context.sql before. GoldenSqlTest compares.
--
--     CREATE TABLE public.items (id int4 NOT NULL, name text, PRIMARY KEY (id));
--
--     tables=items
--     context.allowed=true
--     actor=true
--     delivery.mode=notify

-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

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
-- Purpose: captures INSERT on public.items, for notify delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows.
-- Writes: NOTIFY on the channel of the connector, as often as the size limit of a payload requires.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records.
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    change      record;
    -- One number for the whole statement, in microseconds. A sequence would change the result of lastval() in the session.
    change_time bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    run         text;  -- unsent changes of one event, separated by commas
    run_event   text;
    run_first   bigint := 0;  -- position of the run's first change among the statement's changes
    run_length  bigint := 0;
    said        text := '';  -- what the transaction says about its changes, which stands before them
    context     text;
    place       bigint := 0;
    before      text := '';  -- the number of the statement before which the changes belong
BEGIN
    -- With a full queue, the COMMIT of a notifying transaction fails. Long before that, note the loss instead.
    IF pg_notification_queue_usage() > 0.5 THEN
        PERFORM setval('"ectowatch"."shop.lost"'::regclass, change_time / 10 * 10 + 4);
        RETURN NULL;
    END IF;

    -- Triggers may fire in another order than that of the changes: within a trigger or a function that runs the statement,
    -- within a query of several statements, or after a statement that did so.
    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    IF
        greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
        AND (
            current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
            OR context LIKE E'%\n%'
            OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
        )
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM new_rows), false, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    said := "ectowatch"."shop.context"();
    FOR change IN
        SELECT
            'i' AS event,
            c.entry AS entry
        FROM (
            SELECT
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END) AS key,
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END) AS entry
            FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS r
            OFFSET 0  -- builds each entry once
        ) AS c
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
            CONTINUE;
        END IF;
        IF
            run_length > 0
            AND (
                change.event <> run_event
                OR octet_length(run) + octet_length(change.entry) >= 7850
            )
        THEN
            PERFORM pg_notify(
                'ectowatch.shop',
                '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            -- The change comes first: what does not fit beside it is left out.
            run := CASE
                    WHEN octet_length(said) + octet_length(change.entry) <= 7850 THEN said
                    ELSE '{"left_out":true},'
                END || change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.items.insert"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"notify","hash":"1108ef16f552930f","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.insert"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.update"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures UPDATE on public.items, for notify delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows.
-- Writes: NOTIFY on the channel of the connector, as often as the size limit of a payload requires.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records.
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    change      record;
    -- One number for the whole statement, in microseconds. A sequence would change the result of lastval() in the session.
    change_time bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    run         text;  -- unsent changes of one event, separated by commas
    run_event   text;
    run_first   bigint := 0;  -- position of the run's first change among the statement's changes
    run_length  bigint := 0;
    said        text := '';  -- what the transaction says about its changes, which stands before them
    context     text;
    place       bigint := 0;
    before      text := '';  -- the number of the statement before which the changes belong
BEGIN
    -- With a full queue, the COMMIT of a notifying transaction fails. Long before that, note the loss instead.
    IF pg_notification_queue_usage() > 0.5 THEN
        PERFORM setval('"ectowatch"."shop.lost"'::regclass, change_time / 10 * 10 + 4);
        RETURN NULL;
    END IF;

    -- Triggers may fire in another order than that of the changes: within a trigger or a function that runs the statement,
    -- within a query of several statements, or after a statement that did so.
    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    IF
        current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
        OR context LIKE E'%\n%'
        OR (
            pg_stat_get_xact_tuples_inserted(TG_RELID) > 0
            OR pg_stat_get_xact_tuples_deleted(TG_RELID) > 0
            OR pg_stat_get_xact_tuples_updated(TG_RELID) > (SELECT count(*) FROM new_rows)
        )
        AND (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM new_rows), true, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    said := "ectowatch"."shop.context"();
    FOR change IN
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
                FROM (SELECT x."id" AS c0 FROM new_rows AS x) AS n
            ) AS n
            FULL JOIN (
                SELECT
                    format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE o.c0 END) AS key,
                    o.*
                FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS o
            ) AS o
                ON n.key = o.key COLLATE "C"
            OFFSET 0  -- builds each entry once
        ) AS c
        WHERE c.event IN ('I', 'u', 'D')
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
            CONTINUE;
        END IF;
        IF
            run_length > 0
            AND (
                change.event <> run_event
                OR octet_length(run) + octet_length(change.entry) >= 7850
            )
        THEN
            PERFORM pg_notify(
                'ectowatch.shop',
                '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            -- The change comes first: what does not fit beside it is left out.
            run := CASE
                    WHEN octet_length(said) + octet_length(change.entry) <= 7850 THEN said
                    ELSE '{"left_out":true},'
                END || change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.items.update"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"notify","hash":"e843c0e506c7f707","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.items.update"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.items.delete"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures DELETE on public.items, for notify delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows.
-- Writes: NOTIFY on the channel of the connector, as often as the size limit of a payload requires.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records.
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
DECLARE
    change      record;
    -- One number for the whole statement, in microseconds. A sequence would change the result of lastval() in the session.
    change_time bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    run         text;  -- unsent changes of one event, separated by commas
    run_event   text;
    run_first   bigint := 0;  -- position of the run's first change among the statement's changes
    run_length  bigint := 0;
    said        text := '';  -- what the transaction says about its changes, which stands before them
    context     text;
    place       bigint := 0;
    before      text := '';  -- the number of the statement before which the changes belong
BEGIN
    -- With a full queue, the COMMIT of a notifying transaction fails. Long before that, note the loss instead.
    IF pg_notification_queue_usage() > 0.5 THEN
        PERFORM setval('"ectowatch"."shop.lost"'::regclass, change_time / 10 * 10 + 4);
        RETURN NULL;
    END IF;

    -- Triggers may fire in another order than that of the changes: within a trigger or a function that runs the statement,
    -- within a query of several statements, or after a statement that did so.
    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    IF
        greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > 0
        AND (
            current_setting('ectowatch.m16977a54231eb8ea', true) <> ''
            OR context LIKE E'%\n%'
        )
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.m16977a54231eb8ea', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM old_rows), false, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    said := "ectowatch"."shop.context"();
    FOR change IN
        SELECT
            'd' AS event,
            c.entry AS entry
        FROM (
            SELECT
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END) AS key,
                format('[%s]', CASE WHEN false THEN NULL::pg_catalog.int4 ELSE r.c0 END) AS entry
            FROM (SELECT x."id" AS c0 FROM old_rows AS x) AS r
            OFFSET 0  -- builds each entry once
        ) AS c
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
            CONTINUE;
        END IF;
        IF
            run_length > 0
            AND (
                change.event <> run_event
                OR octet_length(run) + octet_length(change.entry) >= 7850
            )
        THEN
            PERFORM pg_notify(
                'ectowatch.shop',
                '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            -- The change comes first: what does not fit beside it is left out.
            run := CASE
                    WHEN octet_length(said) + octet_length(change.entry) <= 7850 THEN said
                    ELSE '{"left_out":true},'
                END || change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["5953b8c1542e","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["5953b8c1542e","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.items.delete"() IS '{"ectowatch":1,"connector":"shop","table":"public.items","layout":"5953b8c1542e","delivery":"notify","hash":"f5286e617d70b2df","version":"1.0.0"}';
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
