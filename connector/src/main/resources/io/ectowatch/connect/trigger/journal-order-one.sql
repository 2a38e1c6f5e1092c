IF starts_with(current_setting(${memory}, true), ${message}) OR state > ${last table} AND (${to be remembered}) THEN
    DECLARE
        place   bigint := ${order}(${memory}, TG_RELID, TG_OP, TG_LEVEL, ${number}, false, context,
                                   (change_lsn - '0/0')::bigint + 64, 1);
    BEGIN
        IF place IS NULL THEN
            PERFORM setval(${lost}, (date_part('epoch', clock_timestamp()) * 1000000)::bigint);
        ELSIF place > 0 THEN
            place := CASE place WHEN 1 THEN (change_lsn - '0/0')::bigint + 64 ELSE place - 1 END;
            change_lsn := '0/0'::pg_lsn + place;
            IF state > ${last table} THEN
                PERFORM set_config(${places setting}, ARRAY[place, place, 0]::text, true);
                state := state + ${earlier};
            END IF;
        END IF;
    END;
ELSIF ${to be remembered} THEN
    -- As that function does if nothing has fired since the client's last message. 64 bytes are less than
    -- this row takes in the WAL: later rows get higher LSNs.
    context := set_config(${memory}, ${entry of one}, true);
    change_lsn := change_lsn + 64;
END IF;
