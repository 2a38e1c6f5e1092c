DO $body$
-- Sets the owner, privileges and settings of the tables and sequences that this transaction has created: default
-- privileges and event triggers of the database may have changed them. Fails if another role owns one of them.
DECLARE
    part     record;
    grantee  text;
    owner    text;
BEGIN
    FOR part IN
        SELECT *
        FROM (VALUES
            -- name, kind, replica identity (a table without one makes UPDATE fail if a publication has all tables)
            ${relations}
        ) AS relations (name, kind, identity)
    LOOP
        -- The row of a system column is as old as its table or sequence.
        IF EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = part.name AND attnum = -6 AND xmin = pg_current_xact_id()::xid) THEN
            IF (SELECT pg_get_userbyid(relowner) <> current_user FROM pg_class WHERE oid = part.name) THEN
                EXECUTE format('ALTER %s %s OWNER TO CURRENT_USER', part.kind, part.name);
            END IF;
            FOR grantee IN
                SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
                FROM pg_class AS c, aclexplode(c.relacl) AS a
                WHERE c.oid = part.name AND a.grantee <> c.relowner
            LOOP
                EXECUTE format('REVOKE ALL ON %s %s FROM %s', part.kind, part.name, grantee);
            END LOOP;
            -- Without it, pg_dump by the owner of the database fails.
            EXECUTE format('GRANT SELECT ON %s %s TO pg_database_owner', part.kind, part.name);
            IF (SELECT relrowsecurity OR relforcerowsecurity FROM pg_class WHERE oid = part.name) THEN
                EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', part.name);
            END IF;
            IF part.kind = 'TABLE' AND (SELECT relreplident <> left(lower(part.identity), 1) FROM pg_class
                                        WHERE oid = part.name) THEN
                EXECUTE format('ALTER TABLE %s REPLICA IDENTITY %s', part.name, part.identity);
            END IF;
        END IF;
        SELECT r.rolname INTO owner
        FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
        WHERE c.oid = part.name AND r.rolname <> current_user AND NOT r.rolsuper;
        IF FOUND THEN
            RAISE EXCEPTION '% is owned by role %. Drop it, or choose another database.schema.', part.name, owner
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
END
$body$
