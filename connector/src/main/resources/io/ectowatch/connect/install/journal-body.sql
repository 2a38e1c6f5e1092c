
-- EctoWatch for Kafka Connect, connector ${connector}: writes ${purpose} into the connector's journal.
-- It runs within the application's statement and so must never fail it. What can fail is tried in the inner block,
-- which writes nothing, and so takes no subtransaction id; a failure there is announced as a gap.
DECLARE
    state       bigint;  -- the journal table to write to, 0 to 2, or 3 for none; and 4 more while the task sleeps
    change_seq  pg_lsn;  -- who writes a row later sees a later position; nextval would change the session's lastval()
    entry       text;
    unlike      boolean;  -- the key has changed
    journal_ok  boolean;
BEGIN
    BEGIN
        -- Most statements touch one row. More than one, and this reads no further than the second.
        SELECT ${entry}, ${unlike}, pg_current_wal_insert_lsn(), pg_sequence_last_value(${ring}), ${journal there}
        INTO STRICT entry, unlike, change_seq, state, journal_ok
        FROM ${rows};
        IF entry IS NULL OR NOT journal_ok THEN
            RAISE EXCEPTION 'the key is too large, or a journal table is missing';
        END IF;
    EXCEPTION
        WHEN no_data_found THEN
            RETURN NULL;
        WHEN too_many_rows THEN
            unlike := true;
            state := pg_sequence_last_value(${ring});
        WHEN others THEN
            RAISE LOG 'ectowatch: % on % could not be written to the journal: %', TG_OP, TG_RELID::regclass, SQLERRM;
            IF to_regclass(${lost name}) IS NOT NULL THEN  -- not nextval, which would change the session's lastval()
                PERFORM setval(${lost name}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
            END IF;
            RETURN NULL;
    END;

    IF unlike THEN
        PERFORM ${append}(state, ${layout}, chunk.event, string_agg(chunk.entry, ','), count(*) - count(chunk.entry))
        FROM (SELECT c.event, c.entry, (row_number() OVER () - 1) / ${chunk rows} AS number
              FROM (
${changes}
              ) AS c) AS chunk
        GROUP BY chunk.number, chunk.event;
    ELSE
${write}
    END IF;
${bell}
    RETURN NULL;
END
