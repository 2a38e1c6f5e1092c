CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
-- #if pinned
${settings}
-- #end
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: captures ${purpose}, for notify delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows.
-- Writes: NOTIFY on the channel of the connector, as often as the size limit of a payload requires.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records.
-- #if columns
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
-- #end
DECLARE
    change      record;
    -- One number for the whole statement, in microseconds. A sequence would change the result of lastval() in the session.
    change_time bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    run         text;  -- unsent changes of one event, separated by commas
    run_event   text;
    run_first   bigint := 0;  -- position of the run's first change among the statement's changes
    run_length  bigint := 0;
    -- #if context
    said        text := '';  -- what the transaction says about its changes, which stands before them
    -- #end
    -- #if ordered
    context     text;
    place       bigint := 0;
    before      text := '';  -- the number of the statement before which the changes belong
    -- #end
    -- #if repeating
    repeated    boolean := false;  -- whether a row has gone whose key another row may still have
    keys_differ boolean := false;
    -- #end
BEGIN
    -- With a full queue, the COMMIT of a notifying transaction fails. Long before that, note the loss instead.
    IF pg_notification_queue_usage() > 0.5 THEN
        PERFORM setval(${lost}, ${queue loss});
        RETURN NULL;
    END IF;

    -- #if ordered
    -- Triggers may fire in another order than that of the changes: within a trigger or a function that runs the statement,
    -- within a query of several statements, or after a statement that did so.
    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    IF
        -- #if insert
        greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > ${none}
        AND (
            current_setting(${memory}, true) <> ''
            OR context LIKE E'%\n%'
            OR (lower(current_query() COLLATE "C") LIKE ANY (${several})) IS NOT FALSE
        )
        -- #end
        -- #if update
        current_setting(${memory}, true) <> ''
        OR context LIKE E'%\n%'
        OR (
            pg_stat_get_xact_tuples_inserted(TG_RELID) > ${none}
            OR pg_stat_get_xact_tuples_deleted(TG_RELID) > ${none}
            OR pg_stat_get_xact_tuples_updated(TG_RELID) > ${number}
        )
        -- #if statement trigger
        AND (lower(current_query() COLLATE "C") LIKE ANY (${several})) IS NOT FALSE
        -- #end
        -- #end
        -- #if delete
        greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > ${none}
        AND (
            current_setting(${memory}, true) <> ''
            OR context LIKE E'%\n%'
        )
        -- #end
    THEN
        place := ${order}(
            ${memory}, TG_RELID, TG_OP, TG_LEVEL,
            ${number}, ${key may change}, context,
            change_time, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

    -- #end
    -- #if context
    -- #if always
    said := ${transaction context}();
    -- #else
    IF ${has context} THEN
        said := ${transaction context}();
    END IF;
    -- #end
    -- #end
    FOR change IN
        ${changes}
    LOOP
        -- #if repeating
        keys_differ := keys_differ OR change.event <> ${event updated};
        -- #end
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify(${channel}, ${gap});
            CONTINUE;
        END IF;
        IF
            run_length > 0
            AND (
                change.event <> run_event
                OR octet_length(run) + octet_length(change.entry) >= ${limit}
            )
        THEN
            PERFORM pg_notify(
                ${channel},
                ${payload});
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            -- #if context
            -- The change comes first: what does not fit beside it is left out.
            run := CASE
                    WHEN octet_length(said) + octet_length(change.entry) <= ${limit} THEN said
                    ELSE ${left out}
                END || change.entry;
            -- #else
            run := change.entry;
            -- #end
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(
            ${channel},
            ${payload});
    END IF;
    -- #if repeating
    IF keys_differ THEN
        ${find repeated keys}
    END IF;
    IF repeated AND place IS NOT NULL THEN
        PERFORM pg_notify(${channel}, ${numbered gap});
    END IF;
    -- #end
    -- #if ordered
    IF place IS NULL THEN
        PERFORM pg_notify(${channel}, ${numbered gap});
    END IF;
    -- #end
    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %',
        TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify(${channel}, ${gap});
    RETURN NULL;
END
$body$
