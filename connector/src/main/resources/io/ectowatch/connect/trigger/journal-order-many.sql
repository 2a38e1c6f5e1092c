-- #if not update
GET DIAGNOSTICS context = PG_CONTEXT;
-- #end
IF ${is disordered} THEN
    DECLARE
        place   bigint;
    BEGIN
        state := state | ${earlier};
        IF to_regprocedure(${order signature}) IS NOT NULL THEN
            place := ${order}(${memory}, TG_RELID, TG_OP, TG_LEVEL, ${number}, ${key may change}, context,
                              (pg_current_wal_insert_lsn() - '0/0')::bigint + 64, ${room});
        END IF;
        IF place IS NULL THEN
            PERFORM setval(${lost}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
            state := state & ${below earlier};
        ELSIF place = 0 THEN
            state := state & ${below earlier};
        ELSIF place = 1 THEN
            PERFORM set_config(${places setting}, '{0,0,0}', true);
        ELSE
            PERFORM set_config(${places setting},
                               ARRAY[abs(place) - 1, abs(place) - ${room}, (place < 0)::int]::text, true);
        END IF;
    EXCEPTION
        ${on failure}
    END;
END IF;
