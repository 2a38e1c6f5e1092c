CREATE OR REPLACE FUNCTION ${facts}() RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = 500
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: gives times, sizes and counters of the connector, and nothing of the contents of any row.
-- Called by: the function "connectors", for the view "status".
-- Reads: the sequences of the connector; its tables "owner", "watched" and "backfills"; the time of the oldest row of each journal table.
-- Writes: nothing.
-- On failure: the view shows the error.
DECLARE
    watched  bigint[];
    -- #if durable
    mine     oid[];  -- a relation of another role could run code of that role
    part     record;
    row_time timestamptz;
    oldest   timestamptz;
    emptied  timestamptz;
    bytes    jsonb := '{}';
    open     jsonb;
    -- #end
BEGIN
    -- #if durable
    mine := ARRAY(
        SELECT c.oid
        FROM unnest(ARRAY[
            ${owner literal},
            ${watched literal},
            ${backfills literal},
            ${journal tables}
        ]) AS n (name)
        JOIN pg_class AS c ON c.oid = to_regclass(n.name)
        WHERE c.relkind = 'r' AND pg_get_userbyid(c.relowner) = current_user);
    FOR part IN
        SELECT c.oid::regclass::text AS name, c.oid, c.relname
        FROM pg_class AS c
        WHERE c.oid = ANY (mine)
          AND c.oid IS DISTINCT FROM to_regclass(${owner literal}) AND c.oid IS DISTINCT FROM to_regclass(${watched literal})
          AND c.oid IS DISTINCT FROM to_regclass(${backfills literal})
        ORDER BY c.relname
    LOOP
        EXECUTE 'SELECT at FROM ONLY ' || part.name || ' ORDER BY lsn LIMIT 1' INTO row_time;
        oldest := least(oldest, row_time);
        bytes := bytes || jsonb_build_object(part.relname, pg_total_relation_size(part.oid));
    END LOOP;
    IF to_regclass(${owner literal}) = ANY (mine) THEN
        emptied := (SELECT max(emptied_at) FROM ONLY ${owner});
    END IF;
    IF to_regclass(${watched literal}) = ANY (mine) THEN
        watched := ARRAY(SELECT relation::bigint FROM ONLY ${watched} WHERE triggers IS NOT NULL);
    END IF;
    IF to_regclass(${backfills literal}) = ANY (mine) THEN
        open := (
            SELECT jsonb_agg(
                jsonb_build_object('id', b.id, 'table', b.relation, 'cause', b.cause, 'rows', b.published) ORDER BY b.xid, b.id)
            FROM ONLY ${backfills} AS b);
    END IF;
    -- #end
    RETURN jsonb_build_object(
        'connector', ${connector literal},
        'lost', pg_sequence_last_value(to_regclass(${lost literal})),
        'lost_sequence', to_regclass(${lost literal})::oid::bigint,
        'lease', pg_sequence_last_value(to_regclass(${lease literal})),
        'privileges', ${privileges}::jsonb,
        'watched', coalesce(to_jsonb(watched), '[]'),
        -- #if durable
        'ring', coalesce(pg_sequence_last_value(to_regclass(${ring literal})), 0),
        'spare', coalesce(pg_sequence_last_value(to_regclass(${spare literal})), 0),
        'limit', ${max bytes},
        'bytes', bytes,
        'oldest', oldest,
        'emptied', emptied,
        'backfills', coalesce(open, '[]'),
        'delivery', 'durable');
        -- #else
        'delivery', 'notify');
        -- #end
END
$body$
