(
    SELECT m.unlike, ${short entry} AS short, ${entry} AS entry
    FROM (SELECT j.*, CASE WHEN j.unlike THEN 0 ELSE ${choice} END AS choice
          FROM (SELECT ${event updated}::text AS event, ${unlike} AS unlike, ${columns}
                FROM (${new rows}) AS n, (${old rows}) AS o) AS j
          OFFSET 0) AS m
    WHERE m.unlike OR ${wanted}
    OFFSET 0
) AS c
