CREATE TABLE IF NOT EXISTS ${table} (  -- the state of the watched tables at the last check
    relation oid NOT NULL,
    root oid NOT NULL,
    storage int8 NOT NULL,
    triggers int8,
    PRIMARY KEY (relation)
);
