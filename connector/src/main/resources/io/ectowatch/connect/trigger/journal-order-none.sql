-- #if not update
GET DIAGNOSTICS context = PG_CONTEXT;
-- #end
IF ${is disordered} THEN
    PERFORM ${order}(${memory}, TG_RELID, TG_OP, TG_LEVEL, ${number}, false, context, NULL, 0);
END IF;
