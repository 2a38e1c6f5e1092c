    GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
    IF ${is disordered}${or beside others} THEN
        place := ${order}(${memory}, TG_RELID, TG_OP, TG_LEVEL, ${number}, ${key may change}, context, change_seq, 0);
        IF place NOT IN (0, 1) THEN
            before := ',' || abs(place);
        END IF;
    END IF;

