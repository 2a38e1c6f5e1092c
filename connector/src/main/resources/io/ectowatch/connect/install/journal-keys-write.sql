            PERFORM ${append}(state, ${layout}, ${event},
                              ${first} || array_to_string(flat.whole[n:n + ${keys per row} - 1], ${between}) || ${last}, 0)
            FROM (WITH w AS MATERIALIZED (SELECT keys AS whole) SELECT w.whole FROM w) AS flat,  -- else every slice flattens it
                 generate_series(1, cardinality(keys), ${keys per row}) AS n;
