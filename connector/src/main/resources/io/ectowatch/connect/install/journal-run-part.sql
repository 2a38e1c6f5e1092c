CASE
                                  WHEN part.keys[${keys per row}]::numeric - part.keys[1] = ${keys per row} - 1
                                      AND part.keys = ARRAY(SELECT generate_series(part.keys[1], part.keys[${keys per row}]))
                                  THEN '{"from":' || part.keys[1] || ',"to":' || part.keys[${keys per row}] || '}'
                                  ELSE ${printed}
                              END