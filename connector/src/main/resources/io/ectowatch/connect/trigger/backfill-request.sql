CREATE OR REPLACE FUNCTION ${backfill request}(target oid, condition text, stopped text) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: requests or stops a backfill. The request is a journal row, so the task finds it in the order of the changes.
-- Called by: the functions backfill and backfill_stop of this schema.
-- Reads: the catalogs; the sequences of the journal; the table of layouts.
-- Writes: one row in a journal table, and one for the view "status"; NOTIFY, if the task sleeps.
-- On failure: nothing is written, and the error says what to do.
DECLARE
    state        CONSTANT bigint := ${state};
    request      CONSTANT text := gen_random_uuid();
    table_name   CONSTANT text := target::regclass;
    reader       name;  -- the role that will read the table
    layout_id    integer;
    carried      json;
    needed       text[];  -- the columns that it must be able to read
    missing      text;
    read_by      text;  -- the function that reads the table
BEGIN
    IF stopped IS NULL THEN
        SELECT l.id, l.definition::json INTO layout_id, carried
        FROM pg_trigger AS t
        JOIN pg_proc AS p ON p.oid = t.tgfoid
        JOIN ${layouts} AS l ON l.layout = obj_description(p.oid, 'pg_proc')::json ->> 'layout'
        WHERE t.tgrelid = target AND t.tgparentid = 0 AND p.pronamespace = to_regnamespace(${schema literal})
          AND starts_with(obj_description(p.oid, 'pg_proc'), ${beginning})
        ORDER BY l.id DESC
        LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'Connector % does not watch table %.', ${connector literal}, table_name
                USING HINT = 'Add the table to the connector''s configuration and wait until its triggers exist.'
                             || ' Of a partitioned table, name the table that the connector watches, not a partition.',
                      ERRCODE = 'undefined_table';
        END IF;
        -- After the table and the length of its key, a definition has three texts for each column, among other parts.
        needed := ARRAY(SELECT c.value #>> '{}'
                        FROM (SELECT d.value, row_number() OVER (ORDER BY d.place) AS number
                              FROM json_array_elements(carried) WITH ORDINALITY AS d (value, place)
                              WHERE d.place > 3 AND json_typeof(d.value) = 'string') AS c
                        WHERE c.number % 3 = 1);
        -- And for each condition of a watcher, the columns that it names, or all if it uses a row as a whole.
        needed := needed || ARRAY(
            WITH conditions (text) AS (
                SELECT substring(p.prosrc FROM 'RETURN coalesce\(\((.*)\), false\);')
                FROM pg_proc AS p
                JOIN pg_class AS c ON c.oid = target
                JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE p.pronamespace = to_regnamespace(${schema literal}) AND oidvectortypes(p.proargtypes) = 'record, record'
                  AND CASE WHEN starts_with(obj_description(p.oid, 'pg_proc'), ${beginning})
                           THEN obj_description(p.oid, 'pg_proc')::json ->> 'table' = n.nspname || '.' || c.relname END
            ), words (word, following) AS (
                SELECT m.found[1], lead(m.found[1], 1, '') OVER (PARTITION BY x.text ORDER BY m.place)
                FROM conditions AS x
                CROSS JOIN regexp_matches(x.text, $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|[[:alpha:]_][[:alnum:]_$]*|[0-9]+\.?|[^[:space:]])$re$,
                    $$g$$) WITH ORDINALITY AS m (found, place)
            )
            SELECT a.attname::text FROM pg_attribute AS a
            WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
              AND EXISTS (SELECT FROM words AS w
                          WHERE a.attname = lower(w.word) OR '"' || replace(a.attname, '"', '""') || '"' = w.word
                             OR lower(w.word) IN ('new', 'old') AND w.following <> '.' OR w.word = '.' AND w.following = '*'));

        IF condition IS NOT NULL THEN
            <<checked>>
            DECLARE
                functions CONSTANT text[] := ARRAY['abs', 'btrim', 'ceil', 'coalesce', 'date_part', 'date_trunc', 'floor',
                    'greatest', 'least', 'left', 'length', 'lower', 'ltrim', 'mod', 'nullif', 'octet_length', 'right',
                    'round', 'rtrim', 'starts_with', 'strpos', 'substr', 'trunc', 'upper'];
                types     CONSTANT text[] := ARRAY['bigint', 'bool', 'boolean', 'bytea', 'cidr', 'date', 'double', 'inet',
                    'int', 'int2', 'int4', 'int8', 'integer', 'interval', 'jsonb', 'numeric', 'precision', 'real',
                    'smallint', 'text', 'time', 'timestamp', 'timestamptz', 'uuid', 'varchar'];
                keywords  CONSTANT text[] := ARRAY['all', 'and', 'any', 'array', 'at', 'between', 'case', 'current_date',
                    'current_timestamp', 'distinct', 'else', 'end', 'false', 'from', 'ilike', 'in', 'is', 'isnull', 'like',
                    'not', 'notnull', 'null', 'or', 'symmetric', 'then', 'true', 'unknown', 'when', 'zone'];
                columns   CONSTANT text[] := ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v');
                words     CONSTANT text[] := ARRAY(SELECT m.found[1] FROM regexp_matches(condition,
                    $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|[[:alpha:]_][[:alnum:]_$]*|[0-9]+(?:\.[0-9]+)?|::|[^[:space:]])$re$,
                    $$g$$) AS m (found));
                word      text;
                before    text := '';
                after     text;
                allowed   boolean;
                row_type  text;
            BEGIN
                IF EXISTS (SELECT FROM pg_type WHERE typnamespace = pg_my_temp_schema()) THEN
                    RAISE EXCEPTION 'A backfill with a condition cannot be requested in a session that has temporary tables.'
                        USING HINT = 'Use another session.';
                END IF;
                -- The condition will run with the rights of the connector. So each word must be known to be harmless.
                FOR i IN 1 .. cardinality(words) LOOP
                    word := words[i];
                    after := coalesce(words[i + 1], '');
                    IF left(word, 1) = '''' AND length(word) > 1 THEN
                        allowed := strpos(word, '\') = 0
                            AND (before = '' OR before ~ '^[^[:alnum:]_$''")\]]' OR before = ANY (keywords) OR before = ANY (types));
                    ELSIF left(word, 1) = '"' AND length(word) > 1 THEN
                        word := replace(substr(word, 2, length(word) - 2), '""', '"');
                        allowed := word = ANY (columns) AND before <> '::' AND left(after, 1) <> ALL (ARRAY['(', '''', '.']);
                        needed := needed || word;
                        word := '"';
                    ELSIF word ~ '^[[:alpha:]_]' THEN
                        word := lower(word);
                        allowed := CASE
                            WHEN before = '::' THEN word = ANY (types)
                            WHEN before = '.' THEN word = ANY (columns) AND left(after, 1) <> ALL (ARRAY['(', '''', '.'])
                            WHEN after = '.' THEN word = 'new'
                            WHEN after = '(' THEN word = ANY (functions) OR word = ANY (keywords)
                            WHEN left(after, 1) = '''' THEN word = ANY (types) OR word = ANY (keywords)
                            ELSE word = ANY (columns) OR word = ANY (types) OR word = ANY (keywords) END;
                        IF word = ANY (columns) THEN
                            needed := needed || word;
                        END IF;
                    ELSIF word = '.' THEN
                        allowed := before = 'new';
                    ELSE
                        allowed := (word = '::' OR word ~ '^[0-9]' OR strpos('()[],=<>+-*/%|&~!#@^', word) > 0)
                            AND NOT (word = '-' AND after = '-' OR word = '/' AND after = '*');
                    END IF;
                    IF allowed IS NOT TRUE THEN
                        RAISE EXCEPTION 'The condition must not contain % at this place.', words[i]
                            USING HINT = 'It can use columns of the table, constants without backslashes, operators, casts to'
                                         || ' built-in types, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, CASE, and these functions: '
                                         || array_to_string(functions, ', ') || '.',
                                  ERRCODE = 'syntax_error';
                    END IF;
                    before := word;
                END LOOP;
                -- Values of types that a role has created are texts in the condition. PREPARE analyses, and runs nothing.
                WITH RECURSIVE unwrapped (attname, attnum, type) AS (
                    SELECT a.attname, a.attnum, a.atttypid FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attname = ANY (columns)
                    UNION ALL
                    SELECT u.attname, u.attnum, d.typbasetype
                    FROM unwrapped AS u JOIN pg_type AS d ON d.oid = u.type AND d.typtype = 'd'
                )
                SELECT string_agg(format('NULL::%s AS %I', CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace
                                                                THEN format_type(y.oid, NULL) ELSE 'text' END, u.attname),
                                  ', ' ORDER BY u.attnum)
                INTO row_type
                FROM unwrapped AS u JOIN pg_type AS y ON y.oid = u.type AND y.typtype <> 'd';
                BEGIN
                    EXECUTE format(E'PREPARE %I AS SELECT FROM (SELECT %s) AS "new" WHERE (\n%s\n)', request, row_type, condition);
                    EXECUTE format('DEALLOCATE %I', request);
                EXCEPTION WHEN others THEN
                    RAISE EXCEPTION 'The condition is not valid for table %: %.', table_name, SQLERRM USING ERRCODE = SQLSTATE;
                END;
            END;
        END IF;

        -- If another role has installed the connector's objects, the connector's role has privileges on them.
        SELECT coalesce(min(g.rolname), min(o.rolname)) INTO reader
        FROM pg_class AS c
        JOIN pg_roles AS o ON o.oid = c.relowner
        LEFT JOIN aclexplode(c.relacl) AS a ON a.grantee <> c.relowner AND a.privilege_type = 'UPDATE'
        LEFT JOIN pg_roles AS g ON g.oid = a.grantee
        WHERE c.oid = ${owner class};
        -- Or it calls a function that reads the table, which takes no condition.
        read_by := (SELECT p.oid::regprocedure
                    FROM pg_proc AS p
                    JOIN pg_class AS c ON c.oid = target
                    JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE p.pronamespace = to_regnamespace(${schema literal})
                      AND oidvectortypes(p.proargtypes) = ${read arguments}
                      AND CASE WHEN starts_with(obj_description(p.oid, 'pg_proc'), ${beginning})
                               THEN obj_description(p.oid, 'pg_proc')::json ->> 'table' = n.nspname || '.' || c.relname END);
        missing := (SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') FROM pg_attribute AS a
                    WHERE a.attrelid = target AND a.attname = ANY (needed)
                      AND NOT has_column_privilege(reader, target, a.attnum, 'SELECT'));
        IF missing IS NOT NULL AND (read_by IS NULL OR condition IS NOT NULL) THEN
            RAISE EXCEPTION 'The connector''s role % may not read columns % of table %.', reader, missing, table_name
                USING HINT = CASE WHEN read_by IS NOT NULL
                                  THEN 'A backfill with a condition does not use function ' || read_by
                                       || ', which takes no condition. Start it without the condition. Or run: '
                                  ELSE 'Run: ' END
                             || format('GRANT SELECT (%s) ON %s TO %I;', missing, table_name, reader)
                             || CASE WHEN read_by IS NULL AND condition IS NULL AND reader <> current_user
                                     THEN ' Or set backfill to new, resync or both, and run the SQL of install.mode=print again:'
                                          || ' then a function of the table''s owner reads the table.'
                                     ELSE '' END,
                      ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF state & ${table bits} = ${no table} AND coalesce(pg_sequence_last_value(${spare}), 0) = 0 THEN
        RAISE EXCEPTION 'The journal of connector % is suspended, because it was full or not read for too long.', ${connector literal}
            USING HINT = 'Start the connector and wait until it has resumed the journal. Then try again.',
                  ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM ${append}(state, coalesce(layout_id, 0), ${event backfill},
                      CASE WHEN stopped IS NULL THEN json_build_object('id', request, 'condition', condition)
                           ELSE json_build_object('stop', stopped) END::text, 0);
    IF stopped IS NULL THEN
        INSERT INTO ${open backfills} (id, relation, cause, published, noted) VALUES (request, table_name, 'call', 0, false);
    END IF;
    -- #if bell
    IF state & ${asleep} <> 0 THEN
        -- A sleeping task holds this lock.
        IF pg_try_advisory_lock_shared(${bell key}) THEN
            PERFORM pg_advisory_unlock_shared(${bell key});
        ELSIF pg_notification_queue_usage() < 0.5 THEN
            PERFORM pg_notify(${channel}, '');
        END IF;
    END IF;
    -- #end
    RETURN request;
END
$body$
