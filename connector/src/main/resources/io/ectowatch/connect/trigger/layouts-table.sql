CREATE TABLE IF NOT EXISTS ${table} (  -- how to read the body of the journal rows
    id int4 NOT NULL,  -- journal.layout
    layout text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (layout)
);
