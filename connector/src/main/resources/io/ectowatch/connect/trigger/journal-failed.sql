WHEN others THEN
    BEGIN
        RAISE LOG 'ectowatch: % on % could not be written to the journal: %', TG_OP, TG_RELID::regclass, SQLERRM;
        PERFORM setval(${lost name}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
    EXCEPTION
        WHEN others THEN
            NULL;  -- the schema or the sequence is gone; the task will notice
    END;
    RETURN NULL;
