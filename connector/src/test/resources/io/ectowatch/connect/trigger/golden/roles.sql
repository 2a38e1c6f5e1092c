-- EctoWatch for Kafka Connect 1.0.0: the objects of connector shop in database shop.
-- Read it, then run it as a role that may create triggers on the watched tables:
--     psql -v ON_ERROR_STOP=1 -f <this file> <database>
-- If a transaction does not get its lock within lock_timeout, run the whole script again, which is safe.
-- Then set install.mode=verify.

SET client_encoding = 'UTF8';
SET search_path = pg_catalog;
SET client_min_messages = warning;
SET default_table_access_method = heap;

-- grant the connector's role the privileges that it needs
BEGIN;
SET LOCAL lock_timeout = 200;
SELECT pg_advisory_xact_lock(hashtext('ectowatch.install'));
GRANT USAGE ON SCHEMA "public" TO "connect";
GRANT USAGE ON SCHEMA "ectowatch" TO "connect";
GRANT SELECT, UPDATE ON SEQUENCE "ectowatch"."shop.lost" TO "connect";
GRANT SELECT, UPDATE ON SEQUENCE "ectowatch"."shop.lease" TO "connect";
GRANT SELECT, UPDATE ON SEQUENCE "ectowatch"."shop.ring" TO "connect";
GRANT SELECT, UPDATE ON SEQUENCE "ectowatch"."shop.spare" TO "connect";
GRANT SELECT, UPDATE, TRUNCATE ON TABLE "ectowatch"."shop.journal.0" TO "connect";
GRANT SELECT, UPDATE, TRUNCATE ON TABLE "ectowatch"."shop.journal.1" TO "connect";
GRANT SELECT, UPDATE, TRUNCATE ON TABLE "ectowatch"."shop.journal.2" TO "connect";
GRANT SELECT ON TABLE "ectowatch"."shop.layouts" TO "connect";
GRANT SELECT, INSERT, UPDATE ON TABLE "ectowatch"."shop.owner" TO "connect";
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "ectowatch"."shop.watched" TO "connect";
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE "ectowatch"."shop.backfills" TO "connect";
COMMIT;
