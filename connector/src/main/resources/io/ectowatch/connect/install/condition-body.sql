
-- EctoWatch for Kafka Connect, connector ${connector}: whether a change counts for ${watcher}.
-- A change for which that cannot be told counts: it may be reported in vain, but is not lost.
BEGIN
    RETURN coalesce((
${condition}
    ), false);
EXCEPTION WHEN others THEN
    RAISE LOG 'ectowatch: % could not be told whether a change counts, so it does: %', ${watcher literal}, SQLERRM;
    RETURN true;
END
