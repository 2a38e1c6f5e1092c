CREATE OR REPLACE FUNCTION ${transaction context}() RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $body$
-- EctoWatch for Kafka Connect, connector ${connector}.
-- Purpose: gives what the transaction says about its changes, as a JSON object that stands before them.
-- Called by: the functions of the triggers.
-- #if settings
-- Reads: the settings ${context setting} and ${traceparent setting}; they are '' after a transaction that had them.
-- #else
-- Reads: the name of the session's user; the setting application_name.
-- #end
-- Writes: nothing.
-- On failure: returns an object that says that something was left out. The change itself is captured.
DECLARE
    -- #if settings
    context     text := nullif(current_setting(${context literal}, true), '');
    traceparent text := nullif(current_setting(${traceparent literal}, true), '');
    left_out    boolean := false;
    -- #end
    fields      text[] := '{}';
BEGIN
    -- #if settings
    IF context IS NOT NULL THEN
        -- In a database whose encoding is not UTF8, this fails for a text that has no equivalent there.
        IF octet_length(context) <= ${context bytes} AND octet_length(convert_to(context, 'UTF8')) <= ${context bytes} THEN
            fields := array_append(fields, ${context name} || to_json(context));
        ELSE
            left_out := true;
        END IF;
    END IF;
    IF traceparent IS NOT NULL THEN
        -- The task checks its format.
        IF octet_length(traceparent) <= ${traceparent bytes} AND octet_length(traceparent) = length(traceparent) THEN
            fields := array_append(fields, ${traceparent name} || to_json(traceparent));
        ELSE
            left_out := true;
        END IF;
    END IF;
    -- #end
    -- #if actor
    PERFORM convert_to(session_user, 'UTF8');
    fields := array_append(fields, ${session user name} || to_json(session_user::text));
    IF current_setting('application_name') <> '' THEN
        PERFORM convert_to(current_setting('application_name'), 'UTF8');
        fields := array_append(fields, ${application name name} || to_json(current_setting('application_name')));
    END IF;
    -- #end
    -- #if settings
    IF left_out THEN
        fields := array_append(fields, ${left out field});
    END IF;
    -- #end
    RETURN '{' || array_to_string(fields, ',') || '},';
EXCEPTION WHEN others THEN
    RETURN ${left out};
END
$body$
