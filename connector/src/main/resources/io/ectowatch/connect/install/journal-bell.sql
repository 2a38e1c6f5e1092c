
    IF state & 4 <> 0 THEN
        -- The task sleeps, holding this lock; if it is free, the task has died and need not be woken.
        IF pg_try_advisory_lock_shared(${bell key}) THEN
            PERFORM pg_advisory_unlock_shared(${bell key});
        ELSE
            PERFORM pg_notify(${channel}, '');
        END IF;
    END IF;
