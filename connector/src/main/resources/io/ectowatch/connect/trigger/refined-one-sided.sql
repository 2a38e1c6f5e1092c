SELECT ${event} AS event, ${bounded entry} AS entry
FROM (SELECT ${short entry} AS short, ${entry} AS entry
      FROM (SELECT r.*, ${choice} AS choice FROM (${rows}) AS r OFFSET 0) AS m
      WHERE ${wanted}
      -- OFFSET 0: evaluates each condition once, builds each entry once
      OFFSET 0) AS c
