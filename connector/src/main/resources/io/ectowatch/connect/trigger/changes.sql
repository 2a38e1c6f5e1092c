-- #block bounded entry
-- #if bounded
CASE
    WHEN octet_length(c.entry) <= ${entry bytes} THEN c.entry
    -- #if extra columns
    WHEN octet_length(c.key) <= ${entry bytes} THEN c.key
    -- #end
END
-- #else
c.entry
-- #end
-- #end
-- #if truncate
SELECT ${event} AS event, 'null' AS entry
-- #end
-- #if one sided
SELECT
    ${event} AS event,
    ${bounded entry} AS entry
FROM (
    SELECT
        ${key of r} AS key,
        ${entry} AS entry
    FROM ${rows} AS r
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
        CASE
            WHEN o.key IS NULL THEN ${event key inserted}
            WHEN n.key IS NULL THEN ${event key deleted}
            ELSE ${event updated}
        END AS event,
        coalesce(n.key, o.key) AS key,
        -- #if extra columns
        CASE
            WHEN n.key IS NULL
            THEN ${old entry}
            ELSE ${new entry}
        END AS entry
        -- #else
        coalesce(n.key, o.key) AS entry
        -- #end
    FROM (
        SELECT
            ${key of n} AS key,
            n.*
        -- #if remaining
        FROM (SELECT r.* FROM ${new rows} AS r OFFSET taken) AS n
        -- #else
        FROM ${new rows} AS n
        -- #end
    ) AS n
    FULL JOIN (
        SELECT
            ${key of o} AS key,
            o.*
        -- #if remaining
        FROM (SELECT r.* FROM ${old rows} AS r OFFSET taken) AS o
        -- #else
        FROM ${old rows} AS o
        -- #end
    ) AS o
        ON n.key = o.key COLLATE "C"
    OFFSET 0  -- builds each entry once
) AS c
WHERE c.event IN (${events})
-- #end
