-- #block on failure
WHEN others THEN
    failure := SQLERRM;
    EXIT capture;
-- #end
-- #block journal fits
${fit}(ARRAY[
    ${journal 0 class},
    ${journal 1 class},
    ${journal 2 class}
])
-- #end
-- #block to be checked
-- #if bounded
(pg_lsn_hash(change_lsn) < ${check below} + octet_length(entry) * ${checks per entry byte}) IS NOT FALSE
-- #else
pg_lsn_hash(change_lsn) < ${check below}
-- #end
-- #end
-- #block perhaps to be checked
-- #if each row
-- #if bounded
(pg_lsn_hash(${lsn}) < ${check below} + octet_length(entry) * ${checks per entry byte}) IS NOT FALSE
-- #else
pg_lsn_hash(${lsn}) < ${check below}
-- #end
-- #else
${to be checked}
-- #end
-- #end
-- #block perhaps disordered
-- #if each row
-- #if update
${after another change}
-- #else
${other changes}
-- #end
-- #else
disordered
-- #end
-- #end
-- #block after another change
current_setting(${memory}, true) <> ''
OR context LIKE E'%\n%'
-- #end
-- #block row lsn
-- #if each row
coalesce(change_lsn, ${lsn})
-- #else
change_lsn
-- #end
-- #end
-- #block entry of one
-- #if bounded
CASE
    -- #if unprintable
    WHEN (
        ${unprintable}
    ) IS NOT TRUE AND ${entry length} <= ${entry bytes}
    -- #else
    WHEN ${entry length} <= ${entry bytes}
    -- #end
    THEN ${entry}
    -- #if extra columns
    WHEN ${key entry length} <= ${entry bytes}
    THEN ${key entry}
    -- #end
END
-- #else
${entry}
-- #end
-- #end
-- #block other changes
-- #if insert
greatest(pg_stat_get_xact_tuples_deleted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > ${none}
-- #else
greatest(pg_stat_get_xact_tuples_inserted(TG_RELID), pg_stat_get_xact_tuples_updated(TG_RELID)) > ${none}
-- #end
-- #end
-- #block within another statement
context LIKE E'%\n%'
-- #if insert
OR (lower(current_query() COLLATE "C") LIKE ANY (${several})) IS NOT FALSE
-- #end
-- #end
-- #block order of one
IF
    starts_with(
        current_setting(${memory}, true),
        (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text)
    OR state > ${last table} AND (
        ${within another statement}
    )
THEN
    DECLARE
        place   bigint := ${order}(
            ${memory}, TG_RELID, TG_OP, TG_LEVEL,
            ${number of one}, false, context,
            (change_lsn - '0/0')::bigint + 64, 1);
    BEGIN
        IF place IS NULL THEN
            ${record loss};
        ELSIF place > 0 THEN
            place := CASE place WHEN 1 THEN (change_lsn - '0/0')::bigint + 64 ELSE place - 1 END;
            change_lsn := '0/0'::pg_lsn + place;
            IF state > ${last table} THEN
                PERFORM set_config(${places setting}, ARRAY[place, place, 0]::text, true);
                state := state + ${earlier};
            END IF;
        END IF;
    END;
ELSIF
    ${within another statement}
THEN
    -- As that function does if nothing has fired since the client's last message. 64 bytes are less than
    -- this row takes in the WAL: later rows get higher LSNs.
    context := set_config(
        ${memory},
        concat(
            (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text,
            '{0,', coalesce(pg_relation_filenode(TG_RELID), 0),
            ',', (change_lsn - '0/0')::bigint + 64,
            ',60,', length(substr(context, strpos(context || E'\n', E'\n') + 1)),
            ',', pg_stat_get_xact_tuples_inserted(TG_RELID),
            ',', pg_stat_get_xact_tuples_updated(TG_RELID),
            ',', pg_stat_get_xact_tuples_deleted(TG_RELID),
            -- #if insert
            ',1,', '0,0',
            -- #end
            -- #if update
            ',0,', '0,0',
            -- #end
            -- #if delete
            ',0,', length(substr(context, strpos(context || E'\n', E'\n') + 1)) + 1,
            ',', length(substr(context, strpos(context || E'\n', E'\n') + 1)) + 1,
            -- #end
            ',0,0,0}'),
        true);
    change_lsn := change_lsn + 64;
END IF;
-- #end
CREATE OR REPLACE FUNCTION ${function}() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER  -- writers need no privilege on the journal
SET search_path = pg_catalog, pg_temp
SET exit_on_error = off  -- otherwise a caught error would end the session
-- #if pinned
${settings}
-- #end
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: captures ${purpose}, for durable delivery.
-- Called by: the trigger of that table, within the statement of the application.
-- Reads: the changed rows; the sequence that says which journal table is written to.
-- Writes: a row in a journal table, or one for each thousand changes; NOTIFY, if the task sleeps.
-- On failure: the statement of the application goes on. A line in the server's log gives the reason, and the task publishes
--     resync records. Only if the row cannot be written, as on a full disk, the statement fails.
--
-- What can fail is tried in inner blocks, which write no row, and so take no subtransaction ID.
--
-- PL/pgSQL prepares each expression and each operator again in every transaction. So the path of one row has as few of them
-- as possible, and variables for several rows are declared where they are used.
-- #if columns
--
-- CASE WHEN false THEN NULL::type ELSE column END is the column. It fails if the column no longer has that type.
-- #end
DECLARE
    -- The journal table to write to, 0 to ${last table}, or ${no table} for none; ${asleep} more while the task sleeps; ${many} more for a statement of more than
    -- one row, or one whose key has changed; ${earlier} more for changes that must precede others.
    -- #if repeating
    -- ${uncertain} more if a resync of the table follows.
    -- #end
    state       bigint;
    -- #if ordered
    disordered  boolean;  -- triggers may fire in another order than that of the changes
    -- #end
    change_lsn  pg_lsn;  -- a later row gets a higher LSN; nextval would change the session's lastval()
    entry       text;
    context     text;
    failure     text;  -- the message of an error
    -- #if repeating
    repeated    boolean := false;  -- whether a row has gone whose key another row may still have
    -- #end
BEGIN
    <<capture>>
    BEGIN
        -- #if update
        GET DIAGNOSTICS context = PG_CONTEXT;  -- one line, unless a trigger or a function runs the statement
        -- #end
        BEGIN
            -- #if each row
            -- Without a query, which would have to be started for each row.
            entry := ${entry of one};
            -- #if one sided
            state := ${state};
            -- #end
            -- #if update
            state := ${state}
                + CASE
                    WHEN ${key changed}
                    THEN ${many}
                    ELSE 0
                END;
            -- #end
            -- #else
            -- Most statements change one row. With more, this reads only up to the second.
            SELECT
                -- #if truncate
                'null',
                -- #end
                -- #if filtered update
                CASE
                    WHEN octet_length(c.entry) <= ${entry bytes} THEN c.entry
                    WHEN octet_length(c.key_entry) <= ${entry bytes} THEN c.key_entry
                END,
                -- #end
                -- #if filtered one sided
                c.entry,
                -- #end
                -- #if plain
                ${entry of one},
                -- #end
                ${lsn},
                -- #if truncate
                ${state}
            INTO STRICT entry, change_lsn, state
            FROM (SELECT) AS nothing;
                -- #end
                -- #if one sided
                ${state},
                ${other changes}
            INTO STRICT entry, change_lsn, state, disordered
                -- #if filtered
            FROM (
                ${changes}
            ) AS c;
                -- #else
            FROM ${rows} AS r;
                -- #end
                -- #end
                -- #if update
                ${state}
                    -- #if filtered
                    + CASE WHEN c.key_changed THEN ${many} ELSE 0 END,
                    -- #else
                    + CASE
                        WHEN ${key changed}
                        THEN ${many}
                        ELSE 0
                    END,
                    -- #end
                ${after another change}
            INTO STRICT entry, change_lsn, state, disordered
            FROM
                    -- #if filtered
                ${change} AS c;
                    -- #else
                ${new rows} AS n,
                ${old rows} AS o;
                    -- #end
                -- #end
            -- #end

            -- Not the ordinary case, or one statement in ${rows per check}. PostgreSQL calls "fit" when it plans this
            -- condition, once for each session, and again only after one of these tables has changed. It stands first, since
            -- nothing behind a true condition is planned.
            IF
                NOT ${journal fits}
                -- #if update
                OR state > ${below many}
                -- #end
                -- #if ordered
                OR ${perhaps disordered}
                -- #end
                OR ${perhaps to be checked}
            THEN
                -- #if each row
                disordered :=
                    ${perhaps disordered};
                change_lsn := ${lsn};
                -- #end
                -- #if bounded
                IF entry IS NULL THEN  -- the key alone is too large
                    ${record loss by name};
                    RETURN NULL;
                END IF;
                -- #end
                -- #if ordered
                -- Finds the place of the row in the order of the changes, if it runs within another statement.
                -- #if update
                IF disordered AND state < ${many} THEN
                    ${order of one}
                END IF;
                -- #else
                IF disordered THEN
                    GET DIAGNOSTICS context = PG_CONTEXT;
                    IF
                        current_setting(${memory}, true) <> ''
                        OR ${within another statement}
                    THEN
                        ${order of one}
                    END IF;
                END IF;
                -- #end
                -- #end
                -- #if each row
                -- Other sessions write WAL, so this LSN may differ from that of the condition.
                -- #if update
                IF disordered IS NOT TRUE AND state < ${many} OR ${to be checked} THEN
                -- #else
                IF disordered IS NOT TRUE OR ${to be checked} THEN
                -- #end
                -- #else
                IF ${to be checked} THEN
                -- #end
                    PERFORM ${guard}();
                END IF;
            END IF;
            -- #if context
            -- What the transaction says about its changes stands before them; "append" adds it in the other cases.
            -- #if always
            IF state < ${no table} THEN
            -- #else
            IF state < ${no table} AND ${has context} THEN
            -- #end
                entry := ${transaction context}() || entry;
            END IF;
            -- #end
        EXCEPTION
            -- #if not each row
            WHEN no_data_found THEN
                -- #if filtered
                -- #if update
                IF
                    ${after another change}
                THEN
                -- #else
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    ${other changes}
                    AND (
                        current_setting(${memory}, true) <> ''
                        OR ${within another statement}
                    )
                THEN
                -- #end
                    PERFORM ${order}(
                        ${memory}, TG_RELID, TG_OP, TG_LEVEL,
                        ${number of one}, false, context,
                        NULL, 0);
                END IF;
                -- #end
                RETURN NULL;
            WHEN too_many_rows THEN
                state := ${many} + ${state};
                -- #if one sided
                disordered := ${other changes};
                -- #end
                -- #if update
                disordered :=
                    ${after another change};
                -- #end
            -- #end
            ${on failure}
        END;

        -- #if repeating at once
        -- Whether the key of the row may occur twice.
        BEGIN
            ${find repeated keys}
            IF repeated THEN
                state := state | ${uncertain};
            END IF;
        EXCEPTION
            ${on failure}
        END;

        -- #end
        -- #if wanted
        -- The ordinary case ends here: one row, which goes to the journal table that is written to.
        IF state = 0 THEN
            INSERT INTO ${journal 0} (lsn, layout, event, body)
            VALUES (${row lsn}, ${layout}, ${event}, entry);
            RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
        ELSIF state = 1 THEN
            INSERT INTO ${journal 1} (lsn, layout, event, body)
            VALUES (${row lsn}, ${layout}, ${event}, entry);
            RETURN NEW;
        ELSIF state = 2 THEN
            INSERT INTO ${journal 2} (lsn, layout, event, body)
            VALUES (${row lsn}, ${layout}, ${event}, entry);
            RETURN NEW;
        END IF;
        -- #else
        IF state & ${many} = 0 THEN
            RETURN NULL;  -- no watcher wants this event
        END IF;
        -- #end

        -- The rest is for several rows, for a key that has changed, for a change that must precede others, and for the time
        -- when the task sleeps or none of the three tables is written to.
        BEGIN
            -- Fails also if the function or its schema is gone.
            IF
                NOT ${journal fits}
                OR NOT has_function_privilege(${append signature}, 'EXECUTE')
            THEN
                RAISE EXCEPTION 'no privilege to execute %', ${append signature};
            END IF;
        EXCEPTION
            ${on failure}
        END;
        IF state & ${many} <> 0 THEN
            <<many>>
            DECLARE
                -- #if entries declared
                changes     refcursor;
                change      record;
                fetched     integer;
                batch       integer := ${first batch};
                -- #if repeating later
                keys_differ boolean := false;
                -- #end
                run         text[] := '{}';  -- entries of one event that are written together
                run_event   text;
                run_length  integer := 0;
                bodies      text[];  -- of complete runs
                events      text[];
                -- #if bounded
                run_bytes   bigint := 0;
                oversized   boolean := false;  -- whether there was a key that is too large
                -- #end
                -- #end
                -- #if keys
                keys        ${key type}[];
                alike       boolean;  -- no key has changed
                taken       bigint := 0;  -- rows that are done
                at_once     bigint := ${keys at once first};
                -- #if integers
                first_key   int8;  -- of all keys, if none between it and the last is missing
                last_key    int8;
                -- #end
                -- #end
            BEGIN
                -- #if ordered
                -- Finds the place of these changes in the order of all changes.
                -- #if update
                -- An update of keys may fire before the DELETE, in the same query, of a row whose key it has taken.
                IF
                    disordered
                    OR (
                        pg_stat_get_xact_tuples_inserted(TG_RELID) > ${none}
                        OR pg_stat_get_xact_tuples_deleted(TG_RELID) > ${none}
                        OR pg_stat_get_xact_tuples_updated(TG_RELID) > ${number}
                    )
                    -- #if statement trigger
                    AND (lower(current_query() COLLATE "C") LIKE ANY (${several})) IS NOT FALSE
                    -- #end
                THEN
                -- #else
                GET DIAGNOSTICS context = PG_CONTEXT;
                IF
                    disordered
                    AND (
                        current_setting(${memory}, true) <> ''
                        OR ${within another statement}
                    )
                THEN
                -- #end
                    DECLARE
                        place   bigint;
                    BEGIN
                        state := state | ${earlier};
                        IF to_regprocedure(${order signature}) IS NOT NULL THEN
                            place := ${order}(
                                ${memory}, TG_RELID, TG_OP, TG_LEVEL,
                                ${number}, ${key may change}, context,
                                (pg_current_wal_insert_lsn() - '0/0')::bigint + 64, ${room});
                        END IF;
                        IF place IS NULL THEN
                            ${record loss};
                            state := state & ${below earlier};
                        ELSIF place = 0 THEN
                            state := state & ${below earlier};
                        ELSIF place = 1 THEN
                            PERFORM set_config(${places setting}, '{0,0,0}', true);
                        ELSE
                            PERFORM set_config(
                                ${places setting},
                                ARRAY[abs(place) - 1, abs(place) - ${room}, (place < 0)::int]::text,
                                true);
                        END IF;
                    EXCEPTION
                        ${on failure}
                    END;
                END IF;
                -- #end
                -- #if keys

                -- Only keys are needed, and they have one fixed length: arrays can be compared and sliced at little cost. If
                -- the n-th key is the same before and after for every n, then no key has changed, whatever the order of the
                -- rows.
                LOOP
                    BEGIN
                        -- #if update
                        SELECT n.keys, n.keys = o.keys INTO keys, alike
                        FROM
                            (
                                SELECT array_agg((${key of s})::${key type}) AS keys
                                FROM (SELECT r.* FROM ${new rows} AS r OFFSET taken LIMIT at_once) AS s
                            ) AS n,
                            (
                                SELECT array_agg((${key of s})::${key type}) AS keys
                                FROM (SELECT r.* FROM ${old rows} AS r OFFSET taken LIMIT at_once) AS s
                            ) AS o;
                        -- #else
                        SELECT r.keys, true INTO keys, alike
                        FROM (
                            SELECT array_agg((${key of s})::${key type}) AS keys
                            FROM (SELECT r.* FROM ${rows} AS r OFFSET taken LIMIT at_once) AS s
                        ) AS r;
                        -- #end
                        -- #if runs
                        -- The keys of a bulk load are usually consecutive, as the first ${keys at first} then show. If there
                        -- are as many keys as numbers from the first to the last, and no key occurs twice, these two define all
                        -- of them. The conditions make sure that no key occurs twice.
                        IF taken = 0 AND keys[${keys at first}]::numeric - keys[1] = ${keys at first} - 1 THEN
                            IF
                                EXISTS (
                                    SELECT FROM pg_class AS t, pg_index AS i, pg_attribute AS a
                                    WHERE t.oid = TG_RELID AND NOT t.relhassubclass
                                        AND i.indrelid = t.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1
                                        AND a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = ${key name}
                                )
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
                                FROM
                                    (
                                        SELECT
                                            min((${key of r})::int8) AS least,
                                            max((${key of r})::int8) AS greatest,
                                            count(*) AS number
                                        FROM ${new rows} AS r
                                    ) AS n,
                                    (
                                        SELECT
                                            min((${key of r})::int8) AS least,
                                            max((${key of r})::int8) AS greatest,
                                            count(*) AS number
                                        FROM ${old rows} AS r
                                    ) AS o
                                WHERE n.greatest::numeric - n.least = n.number - 1
                                    AND o.least = n.least AND o.greatest = n.greatest
                                    AND pg_stat_get_xact_tuples_updated(TG_RELID) = n.number;
                                -- #else
                                FROM (
                                    SELECT
                                        min((${key of r})::int8) AS least,
                                        max((${key of r})::int8) AS greatest,
                                        count(*) AS number
                                    FROM ${rows} AS r
                                ) AS n
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
                        PERFORM ${append}(
                            state, ${layout}, ${event},
                            '{"from":' || n || ',"to":' || (n + least(last_key - n, ${run per row} - 1)) || '}',
                            0)
                        FROM generate_series(first_key, last_key, ${run per row}) AS n;
                        EXIT;
                    END IF;
                    -- #end
                    -- #if wanted
                    IF cardinality(keys) < ${keys per row} THEN  -- the usual case, in which no slice is needed
                        PERFORM ${append}(
                            state, ${layout}, ${event},
                            ${first of entry} || array_to_string(keys, ${between entries}) || ${last of entry},
                            0);
                        EXIT;
                    END IF;
                    PERFORM ${append}(
                        state, ${layout}, ${event},
                        -- #if integers
                        CASE
                            WHEN part.keys[${keys per row}]::numeric - part.keys[1] = ${keys per row} - 1
                                AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[${keys per row}]))
                            THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[${keys per row}] || '}'
                            ELSE ${first of entry} || array_to_string(part.keys, ${between entries}) || ${last of entry}
                        END,
                        -- #else
                        ${first of entry} || array_to_string(part.keys, ${between entries}) || ${last of entry},
                        -- #end
                        0)
                    FROM (
                        SELECT flat.whole[n:n + ${keys per row} - 1] AS keys
                        FROM
                            (SELECT keys || '{}' AS whole OFFSET 0) AS flat,  -- a flat copy: else every slice makes one
                            LATERAL generate_series(1, cardinality(flat.whole), ${keys per row}) AS n
                        OFFSET 0  -- else every use of a slice makes it again
                    ) AS part;
                    -- #end
                    EXIT WHEN cardinality(keys) < at_once;
                    taken := taken + cardinality(keys);
                    at_once := ${keys at once};
                END LOOP;
                -- #end
                -- #if keys and entries
                EXIT many WHEN alike IS NOT FALSE;
                -- #end
                -- #if entries

                -- Reads rows in blocks that catch errors, and writes outside of them: a block that writes takes a
                -- subtransaction ID.
                BEGIN
                    OPEN changes NO SCROLL FOR
                        -- #if update
                        -- In the order of their events, else the runs could be short: changed keys are among the others.
                        ${changes}
                        ORDER BY c.event COLLATE "C";
                        -- #else
                        ${changes};
                        -- #end
                EXCEPTION
                    ${on failure}
                END;
                LOOP
                    fetched := 0;
                    bodies := '{}';
                    events := '{}';
                    BEGIN
                        -- Fetched one by one, they would take 1.5 times as long.
                        FOR change IN EXECUTE 'FETCH ' || batch || ' FROM ' || quote_ident(changes::text) LOOP
                            fetched := fetched + 1;
                            -- #if bounded
                            IF run_length = ${entries per row} OR run_bytes >= ${row bytes} OR change.event <> run_event THEN
                            -- #else
                            IF run_length = ${entries per row} OR change.event <> run_event THEN
                            -- #end
                                bodies := bodies || nullif(array_to_string(run, ','), '');
                                events := events || run_event;
                                run := '{}';
                                run_length := 0;
                                -- #if bounded
                                run_bytes := 0;
                                -- #end
                            END IF;
                            run_event := change.event;
                            run_length := run_length + 1;
                            run[run_length] := change.entry;
                            -- #if bounded
                            run_bytes := run_bytes + coalesce(octet_length(change.entry), 0);
                            oversized := oversized OR change.entry IS NULL;
                            -- #end
                        END LOOP;
                        IF fetched < batch AND run_length > 0 THEN
                            bodies := bodies || nullif(array_to_string(run, ','), '');
                            events := events || run_event;
                        END IF;
                    EXCEPTION
                        ${on failure}
                    END;
                    -- #if repeating later
                    keys_differ := keys_differ OR ${event key deleted} = ANY (events) OR ${event key inserted} = ANY (events);
                    -- #end
                    FOR i IN 1..cardinality(bodies) LOOP
                        PERFORM ${append}(state, ${layout}, events[i], bodies[i], 0);
                    END LOOP;
                    -- #if bounded
                    IF oversized THEN
                        PERFORM ${append}(state, ${layout}, run_event, NULL, 1);
                        oversized := false;
                    END IF;
                    -- #end
                    EXIT WHEN fetched < batch;
                    -- #if bounded
                    -- A batch is kept in memory, or in temporary files where it is larger than work_mem.
                    batch := least(${entries per row}, 1 + ${row bytes} / (run_bytes / run_length + 1));
                    -- #end
                END LOOP;
                CLOSE changes;
                -- #end
                -- #if repeating later
                IF keys_differ THEN
                    BEGIN
                        ${find repeated keys}
                        IF repeated THEN
                            state := state | ${uncertain};
                        END IF;
                    EXCEPTION
                        ${on failure}
                    END;
                END IF;
                -- #end
                -- #if truncate
                NULL;  -- never
                -- #end
            END;
        ELSE
            PERFORM ${append}(state, ${layout}, ${event}, entry, 0);
        END IF;
        -- #if repeating
        IF state & ${uncertain} <> 0 THEN
            PERFORM ${append}(state & ${table bits}, ${layout}, ${resync}, 'null', 0);
        END IF;
        -- #end
        -- #if bell

        IF state & ${asleep} <> 0 THEN
            -- A sleeping task holds this lock. If the lock is free, the task has died and needs no NOTIFY.
            IF pg_try_advisory_lock_shared(${bell key}) THEN
                PERFORM pg_advisory_unlock_shared(${bell key});
            ELSIF pg_notification_queue_usage() < 0.5 THEN  -- with a full queue, the COMMIT of a notifying transaction fails
                PERFORM pg_notify(${channel}, '');
            END IF;
        END IF;
        -- #end
        RETURN NULL;
    END capture;

    -- Only after an error.
    BEGIN
        RAISE LOG 'ectowatch: % on % could not be written to the journal: %',
            TG_OP, TG_RELID::regclass, failure;
        ${record loss by name};
    EXCEPTION
        WHEN others THEN
            NULL;  -- the schema or the sequence is gone; the task will notice
    END;
    RETURN NULL;
END
$body$
