CREATE TABLE IF NOT EXISTS ${table} (  -- how the watched tables looked last
    relation oid NOT NULL,
    root oid NOT NULL,
    storage int8 NOT NULL,
    triggers int8,
    PRIMARY KEY (relation)
);
