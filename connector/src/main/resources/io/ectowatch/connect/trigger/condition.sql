CREATE OR REPLACE FUNCTION ${function}(new record, old record) RETURNS boolean
LANGUAGE plpgsql
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: decides whether a change is published for ${watcher}: the setting when.
-- Called by: the functions of the triggers.
-- Reads: the new and the old row.
-- Writes: nothing.
-- On failure: the change is published, and a line in the server's log gives the reason. Only a genuine cancel goes on.
BEGIN
    RETURN coalesce((
        -- #if one line
        ${condition}
        -- #else
${condition}
        -- #end
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
                ${watcher literal}, SQLERRM;
            RETURN true;
        END;
    WHEN assert_failure OR others THEN
        RAISE LOG 'ectowatch: the condition of % failed, so the change is published: %',
            ${watcher literal}, SQLERRM;
        RETURN true;
END
$body$
