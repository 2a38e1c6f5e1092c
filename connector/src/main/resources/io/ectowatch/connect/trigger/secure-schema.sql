DO $body$
-- Revokes the default privileges of other roles on the schema, if this transaction has created it. If the current role owns the
-- schema, lets the owner of the database use it: otherwise pg_dump by that owner fails.
DECLARE
    grantee text;
BEGIN
    IF EXISTS (SELECT FROM pg_namespace
               WHERE oid = to_regnamespace(${schema literal}) AND xmin = pg_current_xact_id()::xid) THEN
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
            WHERE n.oid = to_regnamespace(${schema literal}) AND a.grantee <> n.nspowner
        LOOP
            EXECUTE 'REVOKE ALL ON SCHEMA ' || to_regnamespace(${schema literal}) || ' FROM ' || grantee;
        END LOOP;
    END IF;
    IF EXISTS (SELECT FROM pg_namespace
               WHERE oid = to_regnamespace(${schema literal}) AND pg_get_userbyid(nspowner) = current_user) THEN
        GRANT USAGE ON SCHEMA ${schema} TO pg_database_owner;
    END IF;
END
$body$
