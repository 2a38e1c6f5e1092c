-- Grants everything that the connector needs. Run this as the owner of the tables:
--
--   ECTOWATCH_PASSWORD=... psql -v ON_ERROR_STOP=1 -d shop -f roles.sql
\getenv password ECTOWATCH_PASSWORD

-- Neither SUPERUSER nor REPLICATION: the connector uses no slot and no particular wal_level.
CREATE ROLE ectowatch LOGIN PASSWORD :'password';

-- The schema of its functions, sequences and journal. The role cannot create objects anywhere else.
CREATE SCHEMA ectowatch AUTHORIZATION ectowatch;

-- No SELECT: the connector never queries your tables.
GRANT USAGE ON SCHEMA public TO ectowatch;
GRANT TRIGGER ON customers, orders, order_items TO ectowatch;
