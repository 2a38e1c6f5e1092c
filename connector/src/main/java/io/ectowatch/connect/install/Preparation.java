package io.ectowatch.connect.install;

import io.ectowatch.connect.catalog.Server;
import io.ectowatch.connect.catalog.WatchedTable;
import io.ectowatch.connect.catalog.Watchlist;
import io.ectowatch.connect.config.Problem;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.config.Watcher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From what the user asked for to triggers: looks at the server, finds the tables, begins the installation.
 *
 * @param names the names of the connector's objects
 * @param watchers what the user asked for
 * @param topics how topics are named
 * @param journal for durable delivery; empty for notify
 * @param tablePollMs how often to look for new, changed and dropped tables, in milliseconds
 * @param options how the connector's objects come into the database
 */
public record Preparation(
        ObjectNames names,
        List<Watcher> watchers,
        TopicFormat topics,
        Optional<JournalSettings> journal,
        long tablePollMs,
        InstallOptions options) {

    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    /**
     * What has been found, and what is being installed for it.
     *
     * @param tables the watched tables
     * @param installation to be advanced until it is done
     */
    public record Prepared(List<WatchedTable> tables, Installation installation) {}

    /**
     * @param connection in autocommit
     * @throws ConnectException when the user has to mend something; the message has every problem with its setting
     * @throws SQLException when the database does not answer, or refuses
     */
    public Prepared prepare(Connection connection, Installation.Pause pause) throws SQLException, InterruptedException {
        Server server = Server.read(connection, names.schema());
        if (server.standby()) {
            // In a failover the address may lead to a standby for a while: that passes.
            throw new SQLException("the server is a standby", "25006");
        }
        List<Problem> problems = server.problems(names.schema());
        if (!problems.isEmpty()) {
            throw refused(problems);
        }
        Watchlist watchlist = Watchlist.read(connection, watchers, topics, names.schema(), server.role());
        if (!watchlist.problems().isEmpty()) {
            throw refused(watchlist.problems());
        }
        watchlist.leftOut().forEach(reason -> log.warn("Left out of a pattern in tables: {}", reason));
        return new Prepared(
                watchlist.tables(), Installation.begin(connection, names, journal, watchlist.tables(), options, pause));
    }

    private static ConnectException refused(List<Problem> problems) {
        return new ConnectException(problems.stream()
                .map(problem -> problem.setting() + ": " + problem.message())
                .collect(Collectors.joining(" ")));
    }
}
