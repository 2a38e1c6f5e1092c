                IF cardinality(keys) < ${keys per row} THEN  -- the usual case, in which no slice is needed
                    PERFORM ${append}(state, ${layout}, ${event}, ${few entries}, 0);
                    EXIT;
                END IF;
                PERFORM ${append}(state, ${layout}, ${event}, ${entries}, 0)
                FROM (SELECT flat.whole[n:n + ${keys per row} - 1] AS keys
                      FROM (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
                           LATERAL generate_series(1, cardinality(flat.whole), ${keys per row}) AS n
                      OFFSET 0) AS part;  -- else every use of a slice makes it again
