            -- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost.
            -- If the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
            -- rows.
            LOOP
                BEGIN
                    ${take keys}
${find run}                EXCEPTION
${on failure}
                END;
                EXIT WHEN keys IS NULL OR NOT alike;
${write run}${write keys}                EXIT WHEN cardinality(keys) < at_once;
                taken := taken + cardinality(keys);
                at_once := ${keys at once};
            END LOOP;
