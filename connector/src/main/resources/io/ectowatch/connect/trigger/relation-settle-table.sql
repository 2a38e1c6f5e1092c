        IF (SELECT relrowsecurity OR relforcerowsecurity FROM pg_class WHERE oid = made) THEN
            ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
        END IF;
        IF (SELECT relreplident <> ${identity letter} FROM pg_class WHERE oid = made) THEN
            ALTER TABLE ${name} REPLICA IDENTITY ${identity};
        END IF;
