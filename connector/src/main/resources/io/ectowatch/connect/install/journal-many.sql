            -- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a subtransaction ID.
            BEGIN
                OPEN changes NO SCROLL FOR
${changes}
${order}                ;
            EXCEPTION
${on failure}
            END;
            LOOP
                fetched := 0;
                bodies := '{}';
                events := '{}';
                BEGIN
                    -- In batches: to fetch one by one takes 1.5 times as long.
                    FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
                        fetched := fetched + 1;
                        IF ${run is full} OR change.event <> run_event THEN
                            bodies := bodies || nullif(array_to_string(run, ','), '');
                            events := events || run_event;
                            run := '{}';
                            run_length := 0;
${reset bytes}                        END IF;
                        run_event := change.event;
                        run_length := run_length + 1;
                        run[run_length] := change.entry;
${count bytes}                    END LOOP;
                    IF fetched < batch AND run_length > 0 THEN
                        bodies := bodies || nullif(array_to_string(run, ','), '');
                        events := events || run_event;
                    END IF;
                EXCEPTION
${on failure}
                END;
                FOR i IN 1..cardinality(bodies) LOOP
                    PERFORM ${append}(state, ${layout}, events[i], bodies[i], 0);
                END LOOP;
${oversized}                EXIT WHEN fetched < batch;
${next batch}            END LOOP;
            CLOSE changes;
