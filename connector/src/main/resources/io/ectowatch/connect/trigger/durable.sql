CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session${settings}
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: captures ${purpose}, for durable delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows; the sequence that says which journal table is written to.
-- Writes: a row in a journal table, or one for each thousand changes; NOTIFY, if the task sleeps.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records. Only if the row cannot be written, as on a full disk, the statement fails.
--
-- What can fail is tried in inner blocks, which write no row, and so take no subtransaction id.
--
-- PL/pgSQL prepares each expression and each operator again in every transaction. So the path of one row has as few of them
-- as possible, and variables for several rows are declared where they are used.
DECLARE
    -- The journal table to write to, 0 to ${last table}, or ${no table} for none; ${asleep} more while the task sleeps; and ${many} more for a statement of
    -- more than one row, or one whose key has changed.
    state       bigint;
    -- #if ordered
    disordered  boolean;  -- triggers may fire in another order than that of the changes
    -- #end
    change_lsn  pg_lsn;  -- a later row gets a higher LSN; nextval would change the session's lastval()
    entry       text;
    context     text;
    -- #if repeating
    repeated    boolean := false;  -- whether a row has gone whose key another row may still have
    -- #end
BEGIN
    -- #if update
    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    -- #end
    BEGIN
        -- Most statements change one row. With more, this reads only up to the second.
        SELECT ${entry},
               pg_current_wal_insert_lsn(),
               ${state}${unlike}${disordered}
        INTO STRICT entry, change_lsn, state${and disordered}
        FROM ${rows};
        -- Not the ordinary case, or one statement in 256. PostgreSQL calls "fit" when it plans this condition, once for each
        -- session, and again only after one of these tables has changed. It stands first, since nothing behind a true
        -- condition is planned.
        IF NOT ${journal fit} OR state > ${below many}${or disordered} OR ${too large or to be checked} THEN
            -- #if bounded
            IF entry IS NULL THEN  -- the key alone is too large
                PERFORM setval(${lost name}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
                RETURN NULL;
            END IF;
            -- #end
            -- #if ordered
            IF disordered AND state < ${many} THEN
                -- #if update
                ${order one}
                -- #end
                -- #if not update
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF ${remembered} THEN
                    ${order one}
                END IF;
                -- #end
            END IF;
            -- #end
            IF ${too large or to be checked} THEN
                PERFORM ${guard}();
            END IF;
        END IF;
    EXCEPTION
        WHEN no_data_found THEN
            -- #if filtered
            ${order none}
            -- #end
            RETURN NULL;
        WHEN too_many_rows THEN
            state := ${many} + ${state};
            -- #if ordered
            disordered := ${many disordered};
            -- #end
        ${on failure}
    END;

    -- #if repeating at once
    BEGIN
        ${find repeated keys}
        IF repeated THEN
            state := state | ${uncertain};
        END IF;
    EXCEPTION
        ${on failure}
    END;
    -- #end
    -- #if wanted
    IF state = 0 THEN
        INSERT INTO ${journal 0} (lsn, layout, event, body) VALUES (change_lsn, ${layout}, ${event}, entry);
        RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
    ELSIF state = 1 THEN
        INSERT INTO ${journal 1} (lsn, layout, event, body) VALUES (change_lsn, ${layout}, ${event}, entry);
        RETURN NEW;
    ELSIF state = 2 THEN
        INSERT INTO ${journal 2} (lsn, layout, event, body) VALUES (change_lsn, ${layout}, ${event}, entry);
        RETURN NEW;
    END IF;
    -- #end
    -- #if not wanted
    IF state & ${many} = 0 THEN
        RETURN NULL;  -- no watcher wants this event
    END IF;
    -- #end

    BEGIN
        -- Fails also if the function or its schema is gone.
        IF NOT ${journal fit} OR NOT has_function_privilege(${append signature}, 'EXECUTE') THEN
            RAISE EXCEPTION 'no privilege to execute %', ${append signature};
        END IF;
    EXCEPTION
        ${on failure}
    END;
    IF state & ${many} <> 0 THEN
        <<many>>
        DECLARE
            -- #if entries declared
            changes     refcursor;
            change      record;
            fetched     integer;
            batch       integer := ${first batch};
            -- #if repeating later
            keys_differ boolean := false;
            -- #end
            run         text[] := '{}';  -- entries of one event that are written together
            run_event   text;
            run_length  integer := 0;
            bodies      text[];  -- of complete runs
            events      text[];
            -- #if bounded
            run_bytes   bigint := 0;
            oversized   boolean := false;  -- whether there was a key that is too large
            -- #end
            -- #end
            -- #if keys
            keys        ${key array};
            alike       boolean;  -- no key has changed
            taken       bigint := 0;  -- rows that are done
            at_once     bigint := ${keys at once first};
            -- #if integers
            first_key   int8;  -- of all keys, if none between it and the last is missing
            last_key    int8;
            -- #end
            -- #end
        BEGIN
            -- #if ordered
            ${order many}
            -- #end
            -- #if keys
            ${write keys}
            -- #end
            -- #if keys and entries
            EXIT many WHEN alike IS NOT FALSE;

            -- #end
            -- #if entries
            ${write entries}
            -- #end
            -- #if repeating later
            IF keys_differ THEN
                BEGIN
                    ${find repeated keys}
                    IF repeated THEN
                        state := state | ${uncertain};
                    END IF;
                EXCEPTION
                    ${on failure}
                END;
            END IF;
            -- #end
            -- #if truncate
            NULL;  -- never
            -- #end
        END;
    ELSE
        PERFORM ${append}(state, ${layout}, ${event}, entry, 0);
    END IF;
    -- #if repeating
    IF state & ${uncertain} <> 0 THEN
        PERFORM ${append}(state & ${table bits}, ${layout}, ${resync}, 'null', 0);
    END IF;
    -- #end
    -- #if bell

    IF state & ${asleep} <> 0 THEN
        -- A sleeping task holds this lock. If the lock is free, the task has died and needs no NOTIFY.
        IF pg_try_advisory_lock_shared(${bell key}) THEN
            PERFORM pg_advisory_unlock_shared(${bell key});
        ELSIF pg_notification_queue_usage() < 0.5 THEN  -- with a full queue, the COMMIT of a notifying transaction fails
            PERFORM pg_notify(${channel}, '');
        END IF;
    END IF;
    -- #end
    RETURN NULL;
END
$body$
