            FOR change IN
${changes}
${order}            LOOP
                IF ${run is full} OR change.event IS DISTINCT FROM run_event THEN
                    PERFORM ${append}(state, ${layout}, run_event, nullif(array_to_string(run, ','), ''), ${oversized});
                    run := '{}';
                    run_length := 0;
${reset bytes}                    run_event := change.event;
                END IF;
                run_length := run_length + 1;
                run[run_length] := change.entry;
${count bytes}            END LOOP;
            PERFORM ${append}(state, ${layout}, run_event, nullif(array_to_string(run, ','), ''), ${oversized});
