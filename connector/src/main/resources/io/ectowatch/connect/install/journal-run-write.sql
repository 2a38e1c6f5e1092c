                IF first_key IS NOT NULL THEN
                    PERFORM ${append}(state, ${layout}, ${event},
                                      '{"from":' || n || ',"to":' || (n + least(last_key - n, ${run per row} - 1)) || '}', 0)
                    FROM generate_series(first_key, last_key, ${run per row}) AS n;
                    EXIT;
                END IF;
