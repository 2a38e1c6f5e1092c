        CASE state & 3
            WHEN 0 THEN
                INSERT INTO ${journal 0} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
            WHEN 1 THEN
                INSERT INTO ${journal 1} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
            WHEN 2 THEN
                INSERT INTO ${journal 2} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
            ELSE
                RETURN NULL;  -- suspended; the task will announce the gap
        END CASE;
