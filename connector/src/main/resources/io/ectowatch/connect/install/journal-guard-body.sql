
-- EctoWatch for Kafka Connect, connector ${connector}: keeps an unread journal from filling the disk. Called
-- for one journal row in 256. Suspends the journal if it is too large, or if its lease has expired.
DECLARE
    taken    bigint;
    further  text;
BEGIN
    taken := pg_total_relation_size(${journal 0 class}) + pg_total_relation_size(${journal 1 class})
                 + pg_total_relation_size(${journal 2 class});
    FOREACH further IN ARRAY ${spare tables} LOOP
        EXIT WHEN to_regclass(further) IS NULL;
        taken := taken + coalesce(pg_total_relation_size(to_regclass(further)), 0);
    END LOOP;
    IF taken > ${max bytes}
       OR pg_sequence_last_value(${lease}) < date_part('epoch', clock_timestamp()) THEN
        PERFORM setval(${lost}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
        PERFORM setval(${spare}, 0);
        PERFORM setval(${ring}, 3);
        RAISE LOG 'ectowatch: the journal of connector % is suspended: it is full, or nobody has read it for too long',
            ${connector literal};
    END IF;
EXCEPTION
    WHEN lock_not_available THEN
        NULL;  -- a table is being emptied; a later call will check
    WHEN others THEN
        RAISE LOG 'ectowatch: the journal could not be checked: %', SQLERRM;
END
