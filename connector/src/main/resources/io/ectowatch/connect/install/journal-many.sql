        FOR change IN
${changes}
${order}        LOOP
            IF run_length = ${chunk rows} OR change.event IS DISTINCT FROM run_event THEN
                PERFORM ${append}(state, ${layout}, run_event, nullif(array_to_string(run, ','), ''), ${oversized});
                run := '{}';
                run_length := 0;
                run_event := change.event;
            END IF;
            run_length := run_length + 1;
            run[run_length] := change.entry;
        END LOOP;
        PERFORM ${append}(state, ${layout}, run_event, nullif(array_to_string(run, ','), ''), ${oversized});
