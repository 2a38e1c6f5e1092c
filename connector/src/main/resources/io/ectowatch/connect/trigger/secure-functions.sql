DO $body$
-- CREATE OR REPLACE keeps the owner and the privileges of an existing function. Fails if another role owns one of these
-- functions, and revokes the privileges of all roles that must not call it.
DECLARE
    part    record;
    grantee text;
BEGIN
    FOR part IN
        SELECT p.oid::regprocedure AS function, p.proowner, p.proacl, r.rolname, r.rolsuper
        FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE p.pronamespace = to_regnamespace(${schema literal})
          AND p.proname = ANY (ARRAY[
              ${names}
          ])
    LOOP
        IF part.rolname <> current_user AND NOT part.rolsuper THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.function, part.rolname
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM aclexplode(part.proacl) AS a
            WHERE a.grantee <> part.proowner
              AND pg_get_userbyid(a.grantee) <> ALL (ARRAY[${callers}]::text[])
        LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || part.function || ' FROM ' || grantee;
        END LOOP;
    END LOOP;
END
$body$
