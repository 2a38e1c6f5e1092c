-- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a subtransaction ID.
BEGIN
    OPEN changes NO SCROLL FOR
        -- #if update
        -- In the order of their events, else the runs could be short: changed keys are among the others.
        ${changes}
        ORDER BY c.event COLLATE "C";
        -- #end
        -- #if not update
        ${changes};
        -- #end
EXCEPTION
    ${on failure}
END;
LOOP
    fetched := 0;
    bodies := '{}';
    events := '{}';
    BEGIN
        -- Fetched one by one, they would take 1.5 times as long.
        FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
            fetched := fetched + 1;
            IF run_length = ${entries per row}${or bytes} OR change.event <> run_event THEN
                bodies := bodies || nullif(array_to_string(run, ','), '');
                events := events || run_event;
                run := '{}';
                run_length := 0;
                -- #if bounded
                run_bytes := 0;
                -- #end
            END IF;
            run_event := change.event;
            run_length := run_length + 1;
            run[run_length] := change.entry;
            -- #if bounded
            run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
            oversized := oversized OR change.entry IS NULL;
            -- #end
        END LOOP;
        IF fetched < batch AND run_length > 0 THEN
            bodies := bodies || nullif(array_to_string(run, ','), '');
            events := events || run_event;
        END IF;
    EXCEPTION
        ${on failure}
    END;
    -- #if repeating later
    keys_differ := keys_differ OR 'D' = ANY (events) OR 'I' = ANY (events);
    -- #end
    FOR i IN 1..cardinality(bodies) LOOP
        PERFORM ${append}(state, ${layout}, events[i], bodies[i], 0);
    END LOOP;
    -- #if bounded
    IF oversized THEN
        PERFORM ${append}(state, ${layout}, run_event, NULL, 1);
        oversized := false;
    END IF;
    -- #end
    EXIT WHEN fetched < batch;
    -- #if bounded
    -- A batch is kept in memory, or in temporary files where it is larger than work_mem.
    batch := least(${entries per row}, 1 + ${row bytes} / (run_bytes / run_length + 1));
    -- #end
END LOOP;
CLOSE changes;
