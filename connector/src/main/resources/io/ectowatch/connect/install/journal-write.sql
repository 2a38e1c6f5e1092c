    IF state = 0 THEN
        INSERT INTO ${journal 0} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
        RETURN NEW;  -- ignored; unlike NULL it is a variable, not an expression
    ELSIF state = 1 THEN
        INSERT INTO ${journal 1} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
        RETURN NEW;
    ELSIF state = 2 THEN
        INSERT INTO ${journal 2} (seq, layout, event, body) VALUES (change_seq, ${layout}, ${event}, entry);
        RETURN NEW;
    END IF;
