CREATE OR REPLACE VIEW ${status} AS  -- one row for each connector of the schema
SELECT
    c.state ->> 'connector' AS connector,
    c.state ->> 'version' AS version,
    c.state ->> 'delivery' AS delivery,
    c.state ->> 'state' AS state,
    (c.state ->> 'pid')::int4 AS session_pid,
    (c.state ->> 'since')::timestamptz AS session_since,
    (c.state ->> 'lease_until')::timestamptz AS lease_until,
    (c.state ->> 'taken')::int8 AS journal_bytes,
    (c.state ->> 'limit')::int8 AS journal_limit,
    c.state -> 'bytes' AS journal_tables,
    (c.state ->> 'oldest')::timestamptz AS oldest_change,
    (c.state ->> 'emptied')::timestamptz AS last_emptied,
    (c.state ->> 'last_loss')::timestamptz AS last_loss,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'tables')) AS tables,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'missing')) AS missing_triggers,
    ARRAY(SELECT jsonb_array_elements_text(c.state -> 'disabled')) AS disabled_triggers,
    jsonb_array_length(c.state -> 'findings') AS problems,
    c.state ->> 'loss_cause' AS last_loss_cause,
    c.state ->> 'client' AS session_client,
    c.state -> 'backfills' AS backfills
FROM ${connectors}(NULL) AS c (state)
