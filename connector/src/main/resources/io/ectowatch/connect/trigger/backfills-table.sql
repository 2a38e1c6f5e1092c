CREATE TABLE IF NOT EXISTS ${table} (  -- the backfills that have not ended, for the view "status"
    id text NOT NULL,
    relation text NOT NULL,
    cause text NOT NULL,  -- call, new, resync
    published int8 NOT NULL,  -- how many rows were published
    noted bool NOT NULL,  -- whether a task has found the request
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),  -- the transaction of the request
    PRIMARY KEY (id)
);
