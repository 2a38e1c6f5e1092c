CREATE OR REPLACE FUNCTION ${order}(
    remembered text, relation oid, operation text, level text,
    number bigint, key_changed boolean, context text,
    place bigint, room bigint)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: finds the place of a statement's changes within its transaction.
-- Called by: the functions of the triggers, where the order may differ.
-- Reads: PostgreSQL's counters of changed rows; a setting of the transaction.
-- Writes: that setting.
-- On failure: returns null; the caller announces it, and the task publishes resync records.
--
-- Triggers do not always fire in the order of the changes. A statement in a trigger or a function of the application fires
-- before the statement that called it, which may have changed the same row before. In a WITH, an INSERT may fire before the
-- DELETE whose row it inserts again.
--
-- A transaction-local setting records the triggers that have fired since the client's last message, as entries. If fewer
-- rows were changed since an entry than the statement changed, the statement began before that entry, by PostgreSQL's counters.
--
-- Returns 0 if the changes come after all others; 1 if they do, and later changes may have to precede them; the place of
-- the changes that they must precede, negated if this does not apply to the statement's insertions; null if the place is
-- unknown, which must be announced. Without a place, it only counts.
DECLARE
    message     CONSTANT text := (date_part('epoch', statement_timestamp()) * 1000000)::bigint::text;
    memory_text CONSTANT text := current_setting(remembered, true);
    -- The context's first line is the trigger's function.
    depth       CONSTANT bigint := length(substr(context, strpos(context || E'\n', E'\n') + 1));
    inserts     CONSTANT boolean := operation = 'INSERT' OR key_changed;
    deletes     CONSTANT boolean := operation = 'DELETE' OR key_changed;
BEGIN
    IF starts_with(memory_text, message) IS NOT TRUE THEN
        -- Nothing has fired since the client's last message.
        IF place IS NOT NULL AND number > 0 AND (depth > 0 OR inserts) THEN
            PERFORM set_config(
                remembered,
                message || concat_ws(  -- an entry, see below
                    ',',
                    '{0',
                    coalesce(pg_relation_filenode(relation), 0),
                    place,
                    60,
                    depth,
                    pg_stat_get_xact_tuples_inserted(relation),
                    pg_stat_get_xact_tuples_updated(relation),
                    pg_stat_get_xact_tuples_deleted(relation),
                    inserts::int,
                    CASE WHEN deletes THEN (depth + 1) || ',' || (depth + 1) ELSE '0,0' END,
                    '0,0,0}'),
                true);
            RETURN 1;
        END IF;
        IF memory_text <> '' THEN
            PERFORM set_config(remembered, '', true);
        END IF;
        RETURN 0;
    END IF;

    DECLARE
        -- The memory: 1 if there were too many entries, else 0; then entries. An entry e has these fields:
        --     e             filenode of the table
        --     e + 1         place of its changes
        --     e + 2         free places before them
        --     e + 3         length of their longest context
        --     e + 4 to 6    the counters of inserted, updated and deleted rows, as they are if nothing else has changed since
        --     e + 7         1 if it inserts
        --     e + 8 and 9   length of the shortest and the longest context of its deletions, plus 1; 0 if it deletes nothing
        --     e + 10 to 12  for each counter: length of the shortest context, plus 1, of the changes that seemed to come later
        fields      CONSTANT integer := 13;
        first       CONSTANT integer := 2;
        most        CONSTANT integer := 40;
        filenode    CONSTANT bigint := coalesce(pg_relation_filenode(relation), 0);
        counter     CONSTANT integer := CASE operation WHEN 'INSERT' THEN 4 WHEN 'UPDATE' THEN 5 ELSE 6 END;
        counts      CONSTANT bigint[] := ARRAY[
            pg_stat_get_xact_tuples_inserted(relation),
            pg_stat_get_xact_tuples_updated(relation),
            pg_stat_get_xact_tuples_deleted(relation)
        ];
        memory      bigint[] := substr(memory_text, length(message) + 1)::bigint[];
        changed     bigint;  -- since an entry, by unknown statements
        seemed      bigint;
        last        integer;  -- the last entry of this table
        target      integer;  -- the entry that the changes must precede
        apart       boolean := false;  -- except the insertions
        unknown     boolean := false;
        result      bigint := 0;
    BEGIN
        IF counts[counter - 3] < number THEN
            unknown := true;  -- PostgreSQL does not count: track_counts is off
        END IF;
        FOR e IN first .. cardinality(memory) BY fields LOOP
            CONTINUE WHEN memory[e] <> filenode;
            last := e;
            changed := counts[counter - 3] - memory[e + counter];
            memory[e + counter] := memory[e + counter] + least(changed, number);
            IF changed >= number THEN
                -- All of its rows come after the entry, unless unknown statements changed other rows.
                IF
                    changed > number
                    AND (
                        memory[e + 3] > depth
                        OR deletes AND memory[e + 7] = 1 AND memory[e + 3] = depth
                    )
                THEN
                    unknown := true;
                    memory[e + counter] := counts[counter - 3];
                END IF;
                seemed := memory[e + counter + 6];
                memory[e + counter + 6] := CASE WHEN seemed = 0 THEN depth + 1 ELSE least(seemed, depth + 1) END;
                CONTINUE;
            END IF;
            -- A query deletes a key before it inserts it, since it does not see its own insertions. Row triggers fire in the
            -- order of the rows, which is also the order of the keys, unless the primary key is deferrable.
            CONTINUE WHEN
                memory[e + 3] = depth
                AND (
                    NOT deletes
                    OR level = 'ROW' AND EXISTS (
                        SELECT FROM pg_index AS i
                        WHERE i.indrelid = relation AND i.indisprimary AND i.indimmediate
                    )
                );
            IF inserts AND memory[e + 9] > 0 THEN
                IF memory[e + 8] > depth + 1 THEN
                    -- Deletions of rows inserted here, or of earlier rows?
                    unknown := unknown
                        OR changed > 0
                        OR NOT EXISTS (
                            SELECT FROM pg_index AS i
                            WHERE i.indrelid = relation AND i.indisprimary AND i.indimmediate
                        );
                ELSIF memory[e + 3] = depth THEN
                    apart := true;
                ELSE
                    unknown := true;
                END IF;
            END IF;
            -- Earlier changes of the same query seemed to come after the entry: the order may be the reverse.
            unknown := unknown OR changed < 0 OR memory[e + counter + 6] BETWEEN 1 AND depth + 1;
            target := coalesce(target, e);
        END LOOP;

        IF place IS NULL OR number = 0 THEN
            NULL;
        ELSIF target IS NOT NULL THEN
            -- Without room, as for a notification, the deletions alone move: further deletions may follow them, nothing else.
            unknown := unknown OR memory[target + 2] < room AND NOT (apart AND room = 0);
            result := CASE WHEN apart THEN -memory[target + 1] ELSE memory[target + 1] END;
            memory[target + 1] := CASE WHEN room > 0 OR apart THEN memory[target + 1] - room ELSE place END;
            memory[target + 2] := CASE WHEN room = 0 AND apart THEN -1 ELSE memory[target + 2] - room END;
        ELSIF depth > 0 OR inserts THEN
            result := 1;
            IF last IS NOT NULL AND counts = memory[last + 4 : last + 6] THEN
                target := last;
            ELSIF cardinality(memory) < first + fields * most THEN
                target := cardinality(memory) + 1;
                memory := memory || ARRAY[filenode, place, 60, depth] || counts || ARRAY[0, 0, 0, 0, 0, 0]::bigint[];
            ELSE
                memory[1] := 1;
            END IF;
        END IF;
        IF target IS NOT NULL THEN
            memory[target + 3] := greatest(memory[target + 3], depth);
            IF inserts THEN
                memory[target + 7] := 1;
            END IF;
            IF deletes THEN
                memory[target + 8] := CASE
                    WHEN memory[target + 8] = 0 THEN depth + 1
                    ELSE least(memory[target + 8], depth + 1)
                END;
                memory[target + 9] := greatest(memory[target + 9], depth + 1);
            END IF;
        END IF;
        PERFORM set_config(remembered, message || memory::text, true);
        RETURN CASE WHEN place IS NULL THEN 0 WHEN unknown OR memory[1] = 1 THEN NULL ELSE result END;
    END;
EXCEPTION WHEN others THEN
    RETURN NULL;
END
$body$
