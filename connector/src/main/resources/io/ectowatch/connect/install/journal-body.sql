
-- EctoWatch for Kafka Connect, connector ${connector}: writes ${purpose} into the connector's journal.
-- It runs within the application's statement and so must never fail it. What can fail is tried in inner blocks, which
-- write no row, and so take no subtransaction id; a failure there is announced as a gap.
--
-- Each expression costs every transaction, and so does each operator in it, since PL/pgSQL prepares them anew in each: of
-- what one row needs there is as little as can be, and what several need is declared where it is used.
DECLARE
    -- The journal table to write to, 0 to 2, or 3 for none; 4 more while the task sleeps; and 8 more for a statement of
    -- more than one row, or one whose key has changed; and 16 more where triggers may fire in another order than that of
    -- the changes.
    state       bigint;
    change_seq  pg_lsn;  -- who writes a row later sees a later position; nextval would change the session's lastval()
    entry       text;
    context     text;
BEGIN
${context}    BEGIN
        -- Most statements touch one row. More than one, and this reads no further than the second.
        SELECT ${entry}, pg_current_wal_insert_lsn(), ${state}${disordered}${unlike}
        INTO STRICT entry, change_seq, state
        FROM ${rows}
        WHERE ${journal there};  -- costs nothing; once one is dropped, this is analysed anew, and fails
        IF state > 7 OR ${too large or to be checked} THEN  -- as one in 256 is
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
        IF NOT has_function_privilege(${append signature}, 'EXECUTE') THEN  -- fails if it or its schema is gone
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
