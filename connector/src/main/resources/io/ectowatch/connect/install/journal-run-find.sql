                    -- The keys of a bulk load mostly follow each other, as the first thousand then show. If there are as many
                    -- as lie from the least to the greatest, and none is there twice, those two tell them all. And none is
                    -- if the primary key allows that at no time${and nothing else}.
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
