        WHEN others THEN
            RAISE LOG 'ectowatch: % on % could not be written to the journal: %', TG_OP, TG_RELID::regclass, SQLERRM;
            IF to_regclass(${lost name}) IS NOT NULL THEN  -- not nextval, which would change the session's lastval()
                PERFORM setval(${lost name}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
            END IF;
            RETURN NULL;
