
-- EctoWatch for Kafka Connect, connector ${connector}: whether a change is published for ${watcher}.
-- If the condition fails for a change, the change is published: perhaps needlessly, but it is not lost.
BEGIN
    RETURN coalesce((
${condition}
    ), false);
EXCEPTION
    WHEN query_canceled THEN
        -- Only a RAISE in a function that the condition calls can be distinguished from a genuine cancel, which is raised again.
        DECLARE
            place text;
        BEGIN
            GET STACKED DIAGNOSTICS place = PG_EXCEPTION_CONTEXT;
            IF split_part(place, E'\n', 1) NOT LIKE '% RAISE%' OR SQLERRM LIKE 'canceling %'
               OR current_setting('statement_timeout')::interval
                   BETWEEN '1us' AND clock_timestamp() - statement_timestamp() THEN
                RAISE;
            END IF;
            RAISE LOG 'ectowatch: the condition of % failed, so the change is published: %', ${watcher literal}, SQLERRM;
            RETURN true;
        END;
    WHEN assert_failure OR others THEN
        RAISE LOG 'ectowatch: the condition of % failed, so the change is published: %', ${watcher literal}, SQLERRM;
        RETURN true;
END
