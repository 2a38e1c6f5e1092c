CREATE OR REPLACE FUNCTION ${function}(new record, old record) RETURNS boolean
LANGUAGE plpgsql
AS ${body}
