SELECT ${event} AS event, ${bounded entry} AS entry
FROM (SELECT ${key} AS key, ${entry} AS entry
      FROM (${rows}) AS r
      -- OFFSET 0: builds each entry once
      OFFSET 0) AS c
