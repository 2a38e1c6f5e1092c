
    IF state & 4 <> 0 THEN
        -- The task sleeps, holding this lock; if it is free, the task has died and need not be woken.
        IF pg_try_advisory_lock_shared(${bell key}) THEN
            PERFORM pg_advisory_unlock_shared(${bell key});
        ELSIF pg_notification_queue_usage() < 0.5 THEN  -- a full one fails the COMMIT of whoever notifies
            PERFORM pg_notify(${channel}, '');
        END IF;
    END IF;
