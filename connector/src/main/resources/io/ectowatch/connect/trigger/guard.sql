CREATE OR REPLACE FUNCTION ${guard}() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 1  -- milliseconds: does not wait for a table that is being emptied
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: suspends the journal when it is too large, or when no task has read it for too long, so that it cannot fill the
--     disk.
-- Called by: the triggers, for one journal row in ${rows per check}, and for large rows more often.
-- Reads: the size of the journal tables; the sequence of the lease.
-- Writes: the sequences that make the triggers stop writing, and the task publish resync records.
-- On failure: a line in the server's log. The statement of the application goes on.
DECLARE
    taken    bigint;
    further  text;
BEGIN
    taken := pg_total_relation_size(${journal 0 class})
        + pg_total_relation_size(${journal 1 class})
        + pg_total_relation_size(${journal 2 class});
    FOREACH further IN ARRAY ${spare tables} LOOP
        EXIT WHEN to_regclass(further) IS NULL;
        taken := taken + coalesce(pg_total_relation_size(to_regclass(further)), 0);
    END LOOP;
    IF
        taken > ${max bytes}
        OR pg_sequence_last_value(${lease}) < date_part('epoch', clock_timestamp())
    THEN
        ${record suspension};
        PERFORM setval(${spare}, 0);
        PERFORM setval(${ring}, ${no table});
        RAISE LOG 'ectowatch: the journal of connector % is suspended: %', ${connector literal},
            CASE WHEN taken > ${max bytes} THEN 'it is full' ELSE 'no task has read it for too long' END;
    END IF;
EXCEPTION
    WHEN lock_not_available THEN
        NULL;  -- a table is being emptied; a later call will check
    WHEN others THEN
        RAISE LOG 'ectowatch: the journal could not be checked: %', SQLERRM;
END
$body$
