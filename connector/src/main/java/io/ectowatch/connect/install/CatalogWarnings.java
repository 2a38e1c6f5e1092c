package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Server;
import io.ectowatch.connect.watch.ResolvedWatchers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what the operator should know about the server and its tables: each warning once for each connector of the worker,
 * since the catalog is read repeatedly.
 */
final class CatalogWarnings {

    private static final Logger log = LoggerFactory.getLogger(CatalogWarnings.class);

    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private final String connector;

    CatalogWarnings(String connector) {
        this.connector = connector;
    }

    void of(Server server) {
        if (!server.utf8() && isNew("encoding " + server.database())) {
            log.warn(
                    "Database {} has the encoding SQL_ASCII. A change with a text that is not valid UTF-8 cannot be"
                            + " published: a resync of its table is published instead. A table is not watched if its"
                            + " name, schema, owner or a column has a name that is not valid UTF-8.",
                    server.database());
        }
        if (server.superuser() && isNew("superuser " + server.role())) {
            log.warn(
                    "Role {} is a superuser. The triggers' functions, and the functions that conditions call, run with"
                            + " its rights. Use a role that has only CREATE on the database and TRIGGER on the watched"
                            + " tables.",
                    server.role());
        }
    }

    void of(ResolvedWatchers watchlist) {
        watchlist.warnings().stream()
                .filter(this::isNew)
                .forEach(warning -> log.warn("Connector {}: {}", connector, warning));
    }

    /** Tables that a pattern matches but that cannot be watched. */
    void ofSkipped(ResolvedWatchers watchlist) {
        watchlist.leftOut().stream()
                .filter(reason -> isNew("left out " + reason))
                .forEach(
                        reason -> log.warn("Connector {} skips a table that matches a pattern: {}", connector, reason));
    }

    private boolean isNew(String warning) {
        return LOGGED.add(connector + " " + warning);
    }
}
