
-- Sets the expected owner, privileges and settings of a new object, which default privileges and event triggers of this
-- database may have changed. Fails if another role created it.
DECLARE
    made     CONSTANT regclass := ${class};
    grantee  text;
    stranger text;
BEGIN
    IF EXISTS (SELECT FROM pg_attribute
               WHERE attrelid = made AND attnum = -6 AND xmin = pg_current_xact_id()::xid) THEN
        IF (SELECT pg_get_userbyid(relowner) <> current_user FROM pg_class WHERE oid = made) THEN
            ALTER ${kind} ${name} OWNER TO CURRENT_USER;
        END IF;
        FOR grantee IN SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                       FROM pg_class AS c, aclexplode(c.relacl) AS a
                       WHERE c.oid = made AND a.grantee <> c.relowner LOOP
            EXECUTE 'REVOKE ALL ON ${kind} ' || made || ' FROM ' || grantee;
        END LOOP;
        GRANT SELECT ON ${kind} ${name} TO pg_database_owner;  -- else pg_dump by the database's owner would fail
${settings}    END IF;
    SELECT r.rolname INTO stranger FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE c.oid = made AND r.rolname <> current_user AND NOT r.rolsuper;
    IF FOUND THEN
        RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', made, stranger
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END
