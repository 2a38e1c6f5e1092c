-- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost.
-- If the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
-- rows.
LOOP
    BEGIN
        -- #if update
        SELECT n.keys, n.keys = o.keys INTO keys, alike
        FROM ${new keys} AS n,
             ${old keys} AS o;
        -- #end
        -- #if not update
        SELECT r.keys, true INTO keys, alike
        FROM ${keys} AS r;
        -- #end
        -- #if runs
        -- The keys of a bulk load are usually consecutive, as the first thousand then show. If the number of keys
        -- equals the size of their range, and no key occurs twice, the first and the last key define all of
        -- if the primary key allows that at no time, and, but for a DELETE, nothing else has been done to the table.
        IF taken = 0 AND keys[${keys at first}]::numeric - keys[1] = ${keys at first} - 1 THEN
            IF EXISTS (SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                       WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                           AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                           AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = ${key name})
                    -- #if insert
                    AND pg_stat_get_xact_tuples_inserted(TG_RELID) >= ${keys at first}
                    AND pg_stat_get_xact_tuples_updated(TG_RELID) = 0
                    -- #end
                    -- #if not delete
                    AND pg_stat_get_xact_tuples_deleted(TG_RELID) = 0
                    -- #end
            THEN
                SELECT n.least, n.greatest INTO first_key, last_key
                -- #if update
                FROM ${new ends} AS n,
                     ${old ends} AS o
                WHERE n.greatest::numeric - n.least = n.number - 1
                    AND o.least = n.least AND o.greatest = n.greatest
                    AND pg_stat_get_xact_tuples_updated(TG_RELID) = n.number;
                -- #end
                -- #if not update
                FROM ${ends} AS n
                WHERE n.greatest::numeric - n.least = n.number - 1;
                -- #end
            END IF;
        END IF;
        -- #end
    EXCEPTION
        ${on failure}
    END;
    EXIT WHEN keys IS NULL OR NOT alike;
    -- #if runs
    IF first_key IS NOT NULL THEN
        PERFORM ${append}(state, ${layout}, ${event},
                          '{"from":' || n || ',"to":' || (n + least(last_key - n, ${run per row} - 1)) || '}', 0)
        FROM generate_series(first_key, last_key, ${run per row}) AS n;
        EXIT;
    END IF;
    -- #end
    -- #if wanted
    IF cardinality(keys) < ${keys per row} THEN  -- the usual case, in which no slice is needed
        PERFORM ${append}(state, ${layout}, ${event}, ${few entries}, 0);
        EXIT;
    END IF;
    PERFORM ${append}(state, ${layout}, ${event},
                      -- #if integers
                      CASE
                          WHEN part.keys[${keys per row}]::numeric - part.keys[1] = ${keys per row} - 1
                              AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[${keys per row}]))
                          THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[${keys per row}] || '}'
                          ELSE ${part entries}
                      END,
                      -- #end
                      -- #if not integers
                      ${part entries},
                      -- #end
                      0)
    FROM (SELECT flat.whole[n:n + ${keys per row} - 1] AS keys
          FROM (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
               LATERAL generate_series(1, cardinality(flat.whole), ${keys per row}) AS n
          OFFSET 0) AS part;  -- else every use of a slice makes it again
    -- #end
    EXIT WHEN cardinality(keys) < at_once;
    taken := taken + cardinality(keys);
    at_once := ${keys at once};
END LOOP;
