-- Says whether a PostgreSQL server, for example a managed service, has everything that EctoWatch for Kafka Connect
-- needs. Run it as the role that the connector will use, in the database that it will watch:
--
--     psql "$DATABASE_URL" -f probe.sql
--
-- Each row of the answer is a check: ok, or what is missing and what to do. Everything happens in one transaction, which
-- is rolled back: nothing is left behind, no table of yours is read or locked.
BEGIN;
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '30s';

DO $probe$
DECLARE
    findings jsonb := '[]';
    step     record;
    passed   boolean;
    problem  text;
BEGIN
    FOR step IN
        SELECT *
        FROM (VALUES
            (1, 'PostgreSQL 14 or newer', NULL,
                $$SELECT current_setting('server_version_num')::int >= 140000$$,
                'Upgrade the server.'),
            (2, 'A primary server', NULL,
                'SELECT NOT pg_is_in_recovery()',
                'Connect to the primary: list all hosts and add targetServerType=primary to connection.url.'),
            (3, 'No fork of PostgreSQL', NULL,
                $$SELECT version() !~ '(CockroachDB|-YB-|Greenplum|Cloudberry|Redshift|openGauss|Materialize|RisingWave)'$$,
                'Use PostgreSQL, or a service that runs it.'),
            (4, 'Text that converts to UTF-8', NULL,
                $$SELECT getdatabaseencoding() <> 'SQL_ASCII'$$,
                'Works with SQL_ASCII, but texts that are not UTF-8 are published as resync records.'),
            (5, 'The language PL/pgSQL', NULL,
                $$SELECT has_language_privilege('plpgsql', 'USAGE')$$,
                'Run as a superuser: GRANT USAGE ON LANGUAGE plpgsql TO <role>;'),
            (6, 'A schema of its own', 'CREATE SCHEMA ectowatch_probe',
                'SELECT true',
                'Run as the owner of the database: CREATE SCHEMA ectowatch AUTHORIZATION <role>; or use'
                || ' install.mode=print and let the owner run the script.'),
            (7, 'Tables, indexes and sequences',
                'CREATE TABLE ectowatch_probe.watched (id int PRIMARY KEY, name text);'
                || ' CREATE TABLE ectowatch_probe.journal (place bigint, xid xid8, lsn pg_lsn, body text);'
                || ' CREATE INDEX ON ectowatch_probe.journal (xid);'
                || ' CREATE SEQUENCE ectowatch_probe.ring MINVALUE 0;'
                || ' COMMENT ON TABLE ectowatch_probe.journal IS ''probe''',
                $$SELECT setval('ectowatch_probe.ring', 1) = 1 AND pg_sequence_last_value('ectowatch_probe.ring') = 1$$,
                'The role must be able to create them in its own schema.'),
            (8, 'Functions with SECURITY DEFINER',
                'CREATE FUNCTION ectowatch_probe.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER'
                || ' SET search_path = pg_catalog AS ''BEGIN INSERT INTO ectowatch_probe.journal'
                || ' SELECT 1, pg_current_xact_id(), pg_current_wal_insert_lsn(), to_jsonb(c)::text FROM changed AS c;'
                || ' RETURN NULL; END'';'
                || ' REVOKE ALL ON FUNCTION ectowatch_probe.capture() FROM PUBLIC',
                'SELECT true',
                'The role must be able to create them in its own schema.'),
            (9, 'Statement triggers with transition tables',
                'CREATE TRIGGER capture AFTER INSERT ON ectowatch_probe.watched REFERENCING NEW TABLE AS changed'
                || ' FOR EACH STATEMENT EXECUTE FUNCTION ectowatch_probe.capture();'
                || ' INSERT INTO ectowatch_probe.watched VALUES (1, ''a''), (2, ''b'')',
                'SELECT count(*) = 2 FROM ectowatch_probe.journal',
                'The trigger did not fire: check session_replication_role and event triggers.'),
            (10, 'Triggers on partitioned tables',
                'CREATE TABLE ectowatch_probe.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);'
                || ' CREATE TABLE ectowatch_probe.part PARTITION OF ectowatch_probe.parts DEFAULT;'
                || ' CREATE FUNCTION ectowatch_probe.note() RETURNS trigger LANGUAGE plpgsql AS'
                || ' ''BEGIN INSERT INTO ectowatch_probe.journal VALUES (NEW.id); RETURN NULL; END'';'
                || ' CREATE TRIGGER note AFTER INSERT ON ectowatch_probe.parts FOR EACH ROW'
                || ' EXECUTE FUNCTION ectowatch_probe.note();'
                || ' INSERT INTO ectowatch_probe.parts VALUES (7)',
                'SELECT count(*) = 1 FROM ectowatch_probe.journal WHERE place = 7',
                'The trigger did not fire: check session_replication_role and event triggers.'),
            (11, 'Snapshots and transaction numbers', NULL,
                'SELECT pg_snapshot_xmin(pg_current_snapshot()) <= pg_snapshot_xmax(pg_current_snapshot())'
                || ' AND NOT pg_visible_in_snapshot(pg_current_xact_id(), pg_current_snapshot())',
                'The server answers differently from PostgreSQL: do not use durable delivery there.'),
            (12, 'WAL positions', NULL,
                'SELECT pg_current_wal_flush_lsn() <= pg_current_wal_insert_lsn()'
                || ' AND length(pg_walfile_name(pg_current_wal_insert_lsn())) = 24'
                || ' AND pg_lsn_hash(pg_current_wal_insert_lsn()) IS NOT NULL',
                'Run as a superuser: GRANT EXECUTE ON FUNCTION pg_current_wal_insert_lsn(), ... TO <role>;'),
            (13, 'The system identifier', NULL,
                'SELECT system_identifier IS NOT NULL FROM pg_control_system()',
                'Run as a superuser: GRANT EXECUTE ON FUNCTION pg_control_system() TO <role>;'),
            (14, 'Advisory locks', NULL,
                'SELECT pg_try_advisory_lock(2026112601) AND pg_try_advisory_lock_shared(2026112602)'
                || ' AND pg_try_advisory_xact_lock(2026112603)'
                || ' AND pg_advisory_unlock(2026112601) AND pg_advisory_unlock_shared(2026112602)',
                'Advisory locks must work. Between connector and server must be no pooler in transaction mode.'),
            (15, 'NOTIFY and LISTEN', 'LISTEN ectowatch_probe; NOTIFY ectowatch_probe',
                'SELECT pg_notification_queue_usage() < 0.5',
                'The notification queue is half full: find the session with LISTEN and an old transaction'
                || ' (pg_stat_activity.xact_start).'),
            (16, 'Sizes of tables', NULL,
                $$SELECT pg_total_relation_size('ectowatch_probe.journal') > 0
                         AND pg_relation_size('ectowatch_probe.journal') > 0
                         AND pg_relation_filenode('ectowatch_probe.journal') IS NOT NULL$$,
                'The role must be able to read the size of its own tables.'),
            (17, 'Settings of the session',
                'SET LOCAL synchronous_commit = off; SET LOCAL jit = off; SET LOCAL enable_seqscan = off;'
                || ' SET LOCAL client_min_messages = warning',
                'SELECT true',
                'The role must be able to change these settings for its own session.'),
            (18, 'Counters of changed rows', NULL,
                $$SELECT current_setting('track_counts')::boolean$$,
                'Set track_counts = on; autovacuum needs it, too.'),
            (19, 'Privilege to create triggers on at least one table', NULL,
                $$SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                                 WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('ectowatch_probe', 'information_schema')
                                   AND n.nspname NOT LIKE 'pg\_%' AND has_table_privilege(c.oid, 'TRIGGER'))$$,
                'Run as the owner of each table to watch: GRANT TRIGGER ON <table> TO <role>; or use'
                || ' install.mode=print and let the owner run the script.')
        ) AS steps (place, name, statements, query, remedy)
        ORDER BY place
    LOOP
        passed := false;
        problem := NULL;
        BEGIN
            IF step.statements IS NOT NULL THEN
                EXECUTE step.statements;
            END IF;
            EXECUTE step.query INTO passed;
        EXCEPTION
            WHEN OTHERS THEN
                problem := SQLERRM;
        END;
        findings := findings || jsonb_build_object(
            'name', step.name,
            'finding', CASE WHEN passed THEN 'ok' ELSE coalesce(problem || '. ', '') || step.remedy END);
    END LOOP;
    PERFORM set_config('ectowatch.probe', findings::text, true);
END
$probe$;

SELECT name AS "check", finding
FROM jsonb_to_recordset(current_setting('ectowatch.probe')::jsonb) AS findings (name text, finding text);

ROLLBACK;
