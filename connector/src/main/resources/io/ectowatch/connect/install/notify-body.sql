
-- EctoWatch for Kafka Connect, connector ${connector}: announces ${purpose}
-- on the channel that the connector listens on, in as few notifications as their size limit allows.
-- It runs within the application's statement and must never fail it: every error is announced as a gap.
DECLARE
    change      record;
    -- One number for the whole statement, in microseconds. A sequence would change the result of lastval() in the session.
    change_seq  bigint := (date_part('epoch', clock_timestamp()) * 1000000)::bigint;
    run         text;              -- unsent changes of one event, separated by commas
    run_event   text;
    run_first   bigint := 0;       -- position of the run's first change among the statement's changes
    run_length  bigint := 0;
${order variables}BEGIN
    -- A full notification queue fails the COMMIT of a session that notifies. Long before that, record the loss instead.
    IF pg_notification_queue_usage() > 0.5 THEN
        PERFORM setval(${lost}, change_seq);
        RETURN NULL;
    END IF;

${order}    FOR change IN
${changes}
    LOOP
        IF change.entry IS NULL THEN  -- a key that is too large for a notification
            PERFORM pg_notify(${channel}, ${gap});
            CONTINUE;
        END IF;
        IF run_length > 0 AND (change.event <> run_event
                               OR octet_length(run) + octet_length(change.entry) >= ${limit}) THEN
            PERFORM pg_notify(${channel}, ${payload});
            run_first := run_first + run_length;
            run_length := 0;
        END IF;
        IF run_length = 0 THEN
            run := change.entry;
            run_event := change.event;
        ELSE
            run := run || ',' || change.entry;
        END IF;
        run_length := run_length + 1;
    END LOOP;

    IF run_length > 0 THEN
        PERFORM pg_notify(${channel}, ${payload});
    END IF;
${order unknown}    RETURN NULL;
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % on % could not be announced: %', TG_OP, TG_RELID::regclass, SQLERRM;
    PERFORM pg_notify(${channel}, ${gap});
    RETURN NULL;
END
