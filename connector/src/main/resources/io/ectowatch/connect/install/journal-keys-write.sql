                IF cardinality(keys) < ${keys per row} THEN  -- as mostly, and then nothing has to be cut
                    PERFORM ${append}(state, ${layout}, ${event}, ${few entries}, 0);
                    EXIT;
                END IF;
                PERFORM ${append}(state, ${layout}, ${event}, ${entries}, 0)
                FROM (SELECT flat.whole[n:n + ${keys per row} - 1] AS keys
                      FROM (WITH w AS MATERIALIZED (SELECT keys AS whole) SELECT w.whole FROM w) AS flat,  -- else every slice flattens it
                           generate_series(1, cardinality(keys), ${keys per row}) AS n
                      OFFSET 0) AS part;  -- else every use of a slice cuts it
