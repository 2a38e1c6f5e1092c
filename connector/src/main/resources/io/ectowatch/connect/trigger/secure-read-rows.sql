DO $body$
-- Gives the function to the owner of the table, with whose rights it runs, and revokes the privileges of all other roles.
DECLARE
    reader    CONSTANT oid := ${signature}::regprocedure;
    lends     CONSTANT boolean := NOT has_schema_privilege(${owner literal}, ${schema literal}, 'CREATE');
    grantee   text;
BEGIN
    IF (SELECT pg_get_userbyid(p.proowner) <> ${owner literal} FROM pg_proc AS p WHERE p.oid = reader) THEN
        BEGIN
            -- Unless a superuser runs this, the next owner needs that privilege for a moment.
            IF lends THEN
                GRANT CREATE ON SCHEMA ${schema} TO ${owner};
            END IF;
            ALTER FUNCTION ${function} OWNER TO ${owner};
            IF lends THEN
                REVOKE CREATE ON SCHEMA ${schema} FROM ${owner};
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'Role % cannot give the function that reads table % to role %, which owns the table: %.',
                    current_user, ${table literal}, ${owner literal}, SQLERRM
                USING HINT = 'Run the script as a superuser, or as a member of that role. Or set backfill=none, and grant the'
                             || ' connector''s role SELECT on the table.',
                      ERRCODE = 'insufficient_privilege';
        END;
    END IF;
    FOR grantee IN
        SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = reader AND a.grantee <> p.proowner
    LOOP
        EXECUTE 'REVOKE ALL ON FUNCTION ' || ${signature} || ' FROM ' || grantee;
    END LOOP;
END
$body$
