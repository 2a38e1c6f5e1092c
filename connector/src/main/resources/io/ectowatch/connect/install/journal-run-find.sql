                    -- The keys of a bulk load are usually consecutive, as the first thousand then show. If the number of keys
                    -- equals the size of their range, and no key occurs twice, the first and the last key define all of
                    -- them. No key occurs twice if the primary key forbids that at any time${and nothing else}.
                    IF taken = 0 AND keys[${keys at first}]::numeric - keys[1] = ${keys at first} - 1 THEN
                        IF EXISTS (SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                                   WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                                       AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                                       AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = ${key name})${first condition}
                        THEN
                            SELECT n.least, n.greatest INTO first_key, last_key
                            FROM ${ends}
                            WHERE n.greatest::numeric - n.least = n.number - 1${last condition};
                        END IF;
                    END IF;
