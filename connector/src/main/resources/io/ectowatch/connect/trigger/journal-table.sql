CREATE TABLE IF NOT EXISTS ${table} (  -- without a primary key, which would slow the writers; the task empties it by TRUNCATE
    lsn pg_lsn NOT NULL,  -- where the write-ahead log ended before the row was written: the order of the rows
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layout int4 NOT NULL,  -- what the body has: see the table of layouts
    event "char" NOT NULL,  -- ${event letters}
    body text NOT NULL  -- the keys and extra columns of the changed rows
) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE INDEX IF NOT EXISTS ${index} ON ${table} (lsn);
