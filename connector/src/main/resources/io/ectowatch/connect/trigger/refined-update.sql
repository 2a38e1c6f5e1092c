-- Old and new rows are matched by key, so that a changed key is one deletion and one insertion.
-- A full join cannot become a nested loop, for whatever number of rows the plan was made.
SELECT c.event, ${linked entry} AS entry
FROM (SELECT m.event, ${short entry} AS short, ${entry} AS entry
      FROM (SELECT j.*, ${choice} AS choice
            FROM (SELECT CASE WHEN o.key IS NULL THEN ${event key inserted} WHEN n.key IS NULL THEN ${event key deleted} ELSE ${event updated} END AS event,
                         ${columns}
                  FROM (SELECT ${key of n} AS key, n.* FROM (${new rows}) AS n) AS n
                  FULL JOIN (SELECT ${key of o} AS key, o.* FROM (${old rows}) AS o) AS o
                      ON n.key = o.key${collation}) AS j
            OFFSET 0) AS m
      WHERE ${wanted}
      -- OFFSET 0: evaluates each condition once, builds each entry once
      OFFSET 0) AS c
