DO $body$
-- A new function can be executed by every role, and by those of the default privileges. An older one keeps its grants.
DECLARE
    grantee text;
BEGIN
    IF obj_description(${signature}::regprocedure, 'pg_proc') IS NULL THEN
        FOR grantee IN SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                       FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                       WHERE p.oid = ${signature}::regprocedure AND a.grantee <> p.proowner LOOP
            EXECUTE 'REVOKE ALL ON FUNCTION ' || ${signature} || ' FROM ' || grantee;
        END LOOP;
    END IF;
END
$body$
