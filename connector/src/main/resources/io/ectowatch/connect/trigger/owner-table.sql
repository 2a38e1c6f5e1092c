CREATE TABLE IF NOT EXISTS ${table} (  -- one row: which task may change the journal, and how far it has been emptied
    token text NOT NULL,
    epoch int8 NOT NULL,
    emptied_from pg_snapshot,
    emptied_to pg_snapshot,
    emptied_lsn pg_lsn,
    emptied_xid xid8,
    emptied_index int8,
    emptied_at timestamptz,
    PRIMARY KEY (token)
);
