-- The triggers of this table and these settings; run base-notify.sql before. GoldenSqlTest compares.
--
--     CREATE TABLE public.users (id int8 NOT NULL, email text NOT NULL, tenant int4 NOT NULL, active bool, seen date, PRIMARY KEY (id));
--
--     delivery.mode=notify
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
COMMENT ON FUNCTION "ectowatch"."shop.public.users.when.contact"(record, record) IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"notify","hash":"ee821798a601f235","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.when.contact"(record, record) FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.insert"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures INSERT on public.users, for notify delivery.
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
            current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
            OR context LIKE E'%\n%'
            OR (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
        )
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM new_rows), false, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    FOR change IN
        SELECT
            'i' AS event,
            CASE
                WHEN octet_length(c.entry) <= 7850 THEN c.entry
                WHEN octet_length(c.key_entry) <= 7850 THEN c.key_entry
            END AS entry
        FROM (
            SELECT
                json_build_array(
                    m.choice,
                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                )::text AS key_entry,
                CASE
                    WHEN (
                            octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 7850
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
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
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
                '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            run := change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.users.insert"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"notify","hash":"2eab76940683715b","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.insert"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.update"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures UPDATE on public.users, for notify delivery.
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
        current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
        OR context LIKE E'%\n%'
        OR (
            pg_stat_get_xact_tuples_inserted(TG_RELID) > 0
            OR pg_stat_get_xact_tuples_deleted(TG_RELID) > 0
            OR pg_stat_get_xact_tuples_updated(TG_RELID) > (SELECT count(*) FROM new_rows)
        )
        AND (lower(current_query() COLLATE "C") LIKE ANY ('{%with%,%execute%}')) IS NOT FALSE
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM new_rows), true, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    FOR change IN
        -- Old and new rows are matched by key, so that a changed key is one deletion and one insertion.
        -- A full join cannot become a nested loop, for whatever number of rows the plan was made.
        SELECT
            c.event,
            CASE c.event
                WHEN 'u' THEN
                    CASE
                        WHEN octet_length(c.entry) <= 7850 THEN c.entry
                        WHEN octet_length(c.key_entry) <= 7850 THEN c.key_entry
                    END
                ELSE  -- the deletion and the insertion begin with the same number
                    '[' || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint) || ',' || substr(
                        CASE
                            WHEN octet_length(c.entry) <= 7850 THEN c.entry
                            WHEN octet_length(c.key_entry) <= 7850 THEN c.key_entry
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
                                octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 7850
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
                                octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.n1 END::pg_catalog.text) > 7850
                                OR octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.o1 END::pg_catalog.text) > 7850
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
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
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
                '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            run := change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.users.update"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"notify","hash":"9f0e7c9d12dbe27e","version":"1.0.0"}';
REVOKE ALL ON FUNCTION "ectowatch"."shop.public.users.update"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "ectowatch"."shop.public.users.delete"() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
AS $ectowatch$
-- EctoWatch for Kafka Connect, connector shop.
-- Purpose: captures DELETE on public.users, for notify delivery.
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
            current_setting('ectowatch.mefd3bfbfa8523070', true) <> ''
            OR context LIKE E'%\n%'
        )
    THEN
        place := "ectowatch"."shop.order"(
            'ectowatch.mefd3bfbfa8523070', TG_RELID, TG_OP, TG_LEVEL,
            (SELECT count(*) FROM old_rows), false, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    FOR change IN
        SELECT
            'd' AS event,
            CASE
                WHEN octet_length(c.entry) <= 7850 THEN c.entry
                WHEN octet_length(c.key_entry) <= 7850 THEN c.key_entry
            END AS entry
        FROM (
            SELECT
                json_build_array(
                    m.choice,
                    CASE WHEN false THEN NULL::pg_catalog.int8 ELSE m.c0 END::pg_catalog.int8
                )::text AS key_entry,
                CASE
                    WHEN (
                            octet_length(CASE WHEN false THEN NULL::pg_catalog.text ELSE m.c1 END::pg_catalog.text) > 7850
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
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
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
                '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                    || ',' || run_first || ',[' || run || ']'
                    || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            run := change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            'ectowatch.shop',
            '["cb3eb7e5c23a","' || run_event || '",' || pg_current_xact_id()::text || ',' || change_time
                || ',' || run_first || ',[' || run || ']'
                || CASE WHEN place < 0 AND run_event = 'I' THEN '' ELSE before END || ']');
    END IF;
    IF place IS NULL THEN
        PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g",' || change_time || ']');
    END IF;
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify('ectowatch.shop', '["cb3eb7e5c23a","g"]');
    RETURN NULL;
END
$ectowatch$;
COMMENT ON FUNCTION "ectowatch"."shop.public.users.delete"() IS '{"ectowatch":1,"connector":"shop","table":"public.users","layout":"cb3eb7e5c23a","delivery":"notify","hash":"bbb116b66d382e78","version":"1.0.0"}';
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
