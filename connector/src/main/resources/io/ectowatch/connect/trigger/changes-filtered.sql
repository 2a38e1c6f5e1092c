-- #block bounded entry
CASE
    WHEN octet_length(c.entry) <= ${entry bytes} THEN c.entry
    WHEN octet_length(c.key_entry) <= ${entry bytes} THEN c.key_entry
END
-- #end
-- #if one sided
SELECT
    ${event} AS event,
    ${bounded entry} AS entry
FROM (
    SELECT
        ${short entry} AS key_entry,
        ${entry} AS entry
    FROM (
        SELECT
            r.*,
            ${choice} AS choice
        FROM ${rows} AS r
        OFFSET 0  -- evaluates each condition once
    ) AS m
    WHERE ${wanted}
    OFFSET 0  -- builds each entry once
) AS c
-- #end
-- #if update
-- Old and new rows are matched by key, so that a changed key is one deletion and one insertion.
-- A full join cannot become a nested loop, for whatever number of rows the plan was made.
SELECT
    c.event,
    CASE c.event
        WHEN ${event updated} THEN
            ${bounded entry}
        ELSE  -- the deletion and the insertion begin with the same number
            '[' || (SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint) || ',' || substr(
                ${bounded entry},
                2)
    END AS entry
FROM (
    SELECT
        m.event,
        ${short entry} AS key_entry,
        ${entry} AS entry
    FROM (
        SELECT
            j.*,
            ${choice} AS choice
        FROM (
            SELECT
                CASE
                    WHEN o.key IS NULL THEN ${event key inserted}
                    WHEN n.key IS NULL THEN ${event key deleted}
                    ELSE ${event updated}
                END AS event,
                ${columns}
            FROM (
                SELECT
                    ${key of n} AS key,
                    n.*
                FROM ${new rows} AS n
            ) AS n
            FULL JOIN (
                SELECT
                    ${key of o} AS key,
                    o.*
                FROM ${old rows} AS o
            ) AS o
                ON n.key = o.key${collation}
        ) AS j
        OFFSET 0  -- evaluates each condition once
    ) AS m
    WHERE ${wanted}
    OFFSET 0  -- builds each entry once
) AS c
-- #end
-- #if single update
(
    SELECT
        m.key_changed,
        ${short entry} AS key_entry,
        ${entry} AS entry
    FROM (
        SELECT
            j.*,
            CASE
                WHEN j.key_changed THEN 0
                ELSE ${choice}
            END AS choice
        FROM (
            SELECT
                ${event updated}::text AS event,
                ${key changed} AS key_changed,
                ${columns}
            FROM
                ${new rows} AS n,
                ${old rows} AS o
        ) AS j
        OFFSET 0  -- evaluates each condition once
    ) AS m
    WHERE m.key_changed OR ${wanted}
    OFFSET 0  -- builds each entry once
)
-- #end
