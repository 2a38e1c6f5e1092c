DO $body$
-- Sets the owner and the privileges of the view, if this transaction has created it: default privileges and event triggers of
-- the database may have changed them. Fails if another role owns it. Lets members of pg_monitor use the schema, if this role
-- may grant that.
DECLARE
    view     CONSTANT regclass := to_regclass(${status literal});
    grantee  text;
    owner    text;
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = view AND attnum = 1 AND xmin = pg_current_xact_id()::xid) THEN
        IF (SELECT pg_get_userbyid(c.relowner) <> current_user FROM pg_class AS c WHERE c.oid = view) THEN
            EXECUTE format('ALTER VIEW %s OWNER TO CURRENT_USER', view);
        END IF;
        FOR grantee IN
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
            FROM pg_class AS c, aclexplode(c.relacl) AS a
            WHERE c.oid = view AND a.grantee <> c.relowner
        LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %s', view, grantee);
        END LOOP;
    END IF;
    SELECT r.rolname INTO owner
    FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE c.oid = view AND r.rolname <> current_user AND NOT r.rolsuper;
    IF FOUND THEN
        RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', view, owner
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.oid = to_regnamespace(${schema literal})) THEN
        GRANT USAGE ON SCHEMA ${schema} TO pg_monitor;
    END IF;
END
$body$
