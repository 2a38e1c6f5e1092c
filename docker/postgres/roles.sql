-- All that the connector needs, and the reason that it needs no superuser. To be run by the owner of the tables:
--
--   ECTOWATCH_PASSWORD=... psql -v ON_ERROR_STOP=1 -d shop -f roles.sql
\getenv password ECTOWATCH_PASSWORD

-- Neither SUPERUSER nor REPLICATION: there is no slot, and wal_level may stay what it is.
CREATE ROLE ectowatch LOGIN PASSWORD :'password';

-- Where its functions, sequences and journal live; the role may create nothing anywhere else.
CREATE SCHEMA ectowatch AUTHORIZATION ectowatch;

-- The tables are named, never read as a whole: SELECT is not among the privileges.
GRANT USAGE ON SCHEMA public TO ectowatch;
GRANT TRIGGER ON customers, orders, order_items TO ectowatch;
