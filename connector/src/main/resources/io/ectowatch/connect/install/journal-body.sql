
-- EctoWatch for Kafka Connect, connector ${connector}: writes ${purpose} into the connector's journal.
-- It runs within the application's statement and must never fail it. Inner blocks catch what can fail. They write no row
-- and so take no subtransaction ID. A failure there is announced as a gap.
--
-- Each expression, and each operator in it, costs every transaction, since PL/pgSQL prepares them again in each. So the
-- path of one row has as few as possible, and variables for several rows are declared where they are used.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; and 8 more for a statement of
    -- more than one row, or one whose key has changed; and 16 more where triggers may fire in another order than that of
    -- the changes.
    state       bigint;
    change_seq  pg_lsn;  -- a later row gets a higher LSN; nextval would change the session's lastval()
    entry       text;
    context     text;
BEGIN
${context}    BEGIN
        -- Most statements change one row. With more, this reads only up to the second.
        SELECT ${entry}, pg_current_wal_insert_lsn(), ${state}${disordered}${unlike}
        INTO STRICT entry, change_seq, state
        FROM ${rows}
        WHERE ${journal there};  -- costs nothing; if a table is dropped, this is analysed again and fails
        IF state > 7 OR ${too large or to be checked} THEN  -- one in 256
${refuse too large}${order one}            IF ${too large or to be checked} THEN
                PERFORM ${guard}();
            END IF;
        END IF;
    EXCEPTION
        WHEN no_data_found THEN
${order none}            RETURN NULL;
        WHEN too_many_rows THEN
            state := 8 + ${state}${disordered};
${on failure}
    END;

${write}

    BEGIN
        IF NOT has_function_privilege(${append signature}, 'EXECUTE') THEN  -- fails if the function or its schema is gone
            RAISE EXCEPTION 'no privilege to execute %', ${append signature};
        END IF;
    EXCEPTION
${on failure}
    END;
    IF state & 8 <> 0 THEN
        <<many>>
        DECLARE
${declarations}        BEGIN
${order many}${write many}
        END;
    ELSE
        PERFORM ${append}(state, ${layout}, ${event}, entry, 0);
    END IF;
${bell}
    RETURN NULL;
END
