CREATE TABLE IF NOT EXISTS ${table} (  -- what the rows of the journal hold
    id int4 NOT NULL,  -- what the rows call it
    layout text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (layout)
);
