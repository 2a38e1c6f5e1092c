-- The primary key is deferrable: two rows may have the same key until the transaction ends. If one of them goes, the other
-- may still be there, and the deletion would be the last record of the key. A setting of the transaction has the keys that
-- statements have made, each with the statement; '*' stands for all. A statement is known by PostgreSQL's counters: triggers
-- of one statement see the same. Within a statement, the order is right without this.
DECLARE
    made       jsonb := nullif(current_setting(${keys setting}, true), '')::jsonb;
    statement  CONSTANT text := concat_ws(
        ',',
        TG_RELID,
        -- #if row trigger
        -- An UPDATE that moves a row to another partition also fires triggers for DELETE and INSERT, with the same counters.
        TG_OP,
        -- #end
        pg_stat_get_xact_tuples_inserted(TG_RELID),
        pg_stat_get_xact_tuples_updated(TG_RELID),
        pg_stat_get_xact_tuples_deleted(TG_RELID),
        CASE WHEN current_setting('track_counts') = 'off' THEN clock_timestamp() END);
    -- #if not delete
    added      jsonb;
    -- #end
BEGIN
    -- #if not insert
    repeated := made IS NOT NULL AND EXISTS (
        SELECT
        FROM (
            SELECT ${key of r} COLLATE "C" AS key
            FROM ${old rows} AS r
            -- #if update
            EXCEPT
            SELECT ${key of r} COLLATE "C" AS key
            FROM ${new rows} AS r
            -- #end
        ) AS k
        WHERE made ->> k.key <> statement OR made ->> '*' <> statement
    );
    -- #end
    -- #if not delete
    IF (made ? '*') IS NOT TRUE THEN
        SELECT
            CASE count(*)
                WHEN ${most keys} THEN jsonb_build_object('*', statement)
                ELSE jsonb_object_agg(k.key, statement)
            END
        INTO added
        FROM (
            SELECT ${key of r} COLLATE "C" AS key
            FROM ${new rows} AS r
            -- #if update
            EXCEPT
            SELECT ${key of r} COLLATE "C" AS key
            FROM ${old rows} AS r
            -- #end
            LIMIT ${most keys}
        ) AS k;
        added := added || coalesce(made, '{}');
        IF octet_length(added::text) > ${most bytes} THEN
            SELECT jsonb_build_object('*', CASE WHEN min(e.value) = max(e.value) THEN min(e.value) ELSE '' END)
            INTO added
            FROM jsonb_each_text(added) AS e;
        END IF;
        IF added <> made IS NOT FALSE THEN
            PERFORM set_config(${keys setting}, added::text, true);
        END IF;
    END IF;
    -- #end
END;
