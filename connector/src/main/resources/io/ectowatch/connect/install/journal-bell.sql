
    IF state & 4 <> 0 THEN
        -- A sleeping task holds this lock. If the lock is free, the task has died and needs no NOTIFY.
        IF pg_try_advisory_lock_shared(${bell key}) THEN
            PERFORM pg_advisory_unlock_shared(${bell key});
        ELSIF pg_notification_queue_usage() < 0.5 THEN  -- a full queue fails the COMMIT of a session that notifies
            PERFORM pg_notify(${channel}, '');
        END IF;
    END IF;
