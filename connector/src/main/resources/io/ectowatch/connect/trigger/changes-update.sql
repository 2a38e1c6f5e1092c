-- Old and new rows are matched by key, so that a changed key is one deletion and one insertion.
-- A full join cannot become a nested loop, for whatever number of rows the plan was made.
SELECT c.event, ${linked entry} AS entry
FROM (SELECT CASE WHEN o.key IS NULL THEN ${event key inserted} WHEN n.key IS NULL THEN ${event key deleted} ELSE ${event updated} END AS event,
             coalesce(n.key, o.key) AS key,
             ${entry} AS entry
      FROM (SELECT ${key of n} AS key, n.* FROM (${new rows}) AS n) AS n
      FULL JOIN (SELECT ${key of o} AS key, o.* FROM (${old rows}) AS o) AS o
          ON n.key = o.key COLLATE "C"
      -- OFFSET 0: builds each entry once
      OFFSET 0) AS c
WHERE c.event IN (${events})
