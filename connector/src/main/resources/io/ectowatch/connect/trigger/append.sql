CREATE OR REPLACE FUNCTION ${append}(
    state bigint, layout integer, event text, entries text, oversized bigint)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
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
        ${record loss};
    END IF;
    IF entries IS NULL THEN
        RETURN;
    END IF;
    -- #if context
    -- #if always
    IF event NOT IN (${event resync}, ${event backfill}) THEN
    -- #else
    IF ${has context} AND event NOT IN (${event resync}, ${event backfill}) THEN
    -- #end
        BEGIN
            entries := ${transaction context}() || entries;
        EXCEPTION WHEN others THEN  -- the function is gone; the task will notice
            entries := ${left out} || entries;
        END;
    END IF;
    -- #end
    IF state & ${earlier} <> 0 THEN
        DECLARE
            -- The next and the last free place before the changes that this one precedes, and whether insertions keep their
            -- order; or three times 0, if other changes may have to precede this one.
            places  bigint[];
        BEGIN
            places := current_setting(${places setting})::bigint[];
            IF places[1] = 0 THEN
                change_lsn := change_lsn + 64;
            ELSIF places[3] = 1 AND event = ${event key inserted} THEN
                NULL;
            ELSIF places[1] < places[2] THEN
                ${record loss};
            ELSE
                change_lsn := '0/0'::pg_lsn + places[1];
                PERFORM set_config(${places setting}, ARRAY[places[1] - 1, places[2], places[3]]::text, true);
            END IF;
        EXCEPTION WHEN others THEN  -- something else has changed the setting
            ${record loss};
        END;
    END IF;
    -- The journal may have been suspended since the statement began.
    CASE (
        CASE
            WHEN ${state} & ${table bits} = ${no table} THEN ${no table}
            ELSE state & ${table bits}
        END
    )
        WHEN 0 THEN
            INSERT INTO ${journal 0} (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        WHEN 1 THEN
            INSERT INTO ${journal 1} (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        WHEN 2 THEN
            INSERT INTO ${journal 2} (lsn, layout, event, body)
            VALUES (change_lsn, $2, $3::"char", entries);
        ELSE
            -- One of the further tables, or none. The transaction takes its ID before it reads which one: a table is
            -- dropped only when all transactions that had an ID while the table was in use have ended.
            PERFORM pg_current_xact_id();
            further := coalesce(pg_sequence_last_value(${spare}), 0);
            IF further > 0 THEN
                target := (${spare tables})[further - 2];
                -- Only if another session has dropped it, or revoked the privilege.
                IF has_table_privilege(to_regclass(target), 'INSERT') IS NOT TRUE THEN
                    ${record loss};
                ELSE
                    EXECUTE 'INSERT INTO ' || target || ' (lsn, layout, event, body) VALUES ($1, $2, $3::"char", $4)'
                    USING change_lsn, $2, $3, entries;
                END IF;
            END IF;  -- else the journal is suspended; the task will announce the gap
    END CASE;
    -- One row in ${rows per check}, and more often the larger the row, so that one statement cannot write much beyond the limit.
    IF
        pg_lsn_hash(change_lsn) < ${check below} + octet_length(entries) * ${checks per byte}
        AND to_regprocedure(${guard signature}) IS NOT NULL
    THEN
        PERFORM ${guard}();
    END IF;
END
$body$
