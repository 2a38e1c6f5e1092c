package io.ectowatch.connect.record;

import io.ectowatch.connect.config.HeaderMode;
import io.ectowatch.connect.config.WatchFragment;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.time.Instant;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/** The headers that describe a change, for the records of one watcher; all are strings. Immutable. */
final class ChangeHeaders {

    /** Header with an LSN at which a standby shows the change. */
    static final String LSN = "ectowatch.lsn";

    /** Header with the context that the transaction has set. */
    static final String CONTEXT = "ectowatch.context";

    /** Header of W3C Trace Context. */
    static final String TRACEPARENT = "traceparent";

    /** Header with the role with which the session was opened. */
    static final String SESSION_USER = "ectowatch.session.user";

    /** Header with the session's {@code application_name}. */
    static final String APPLICATION_NAME = "ectowatch.application.name";

    /** Header of records that lack a part of these, because it was too long or malformed. */
    static final String CONTEXT_LEFT_OUT = "ectowatch.context.left.out";

    private final HeaderMode mode;
    private final boolean lsn;
    private final String table;
    private final String source;

    ChangeHeaders(RecordStyle style, TableName table, TableWatcher watcher) {
        mode = style.headers();
        lsn = style.lsnInHeader();
        this.table = table.toString();
        source = source(style.connector(), table, watcher.name());
    }

    /**
     * A relative reference. It distinguishes the watchers of a table: a change's records for two watchers have the
     * same id, but are two events.
     */
    private static String source(String connector, TableName table, String watcher) {
        String source = "ectowatch/" + UriPath.segment(connector) + "/" + UriPath.segment(table.schema()) + "."
                + UriPath.segment(table.table());
        return watcher.startsWith(WatchFragment.WATCHER_PREFIX)
                ? source + "#" + UriPath.segment(watcher.substring(WatchFragment.WATCHER_PREFIX.length()))
                : source;
    }

    /**
     * Adds the headers to those of a record.
     *
     * @param rowKey the primary key of the changed row, or null if there is no row
     */
    void addTo(Headers headers, Change change, RecordRole role, @Nullable Struct rowKey) {
        switch (mode) {
            case NONE -> {}
            case BASIC -> addBasic(headers, change, role);
            case CLOUDEVENTS -> addCloudEvent(headers, change, role, rowKey);
        }
        if (lsn && change.visibleAt() != null) {
            headers.addString(LSN, change.visibleAt());
        }
        if (change.context() != null) {
            addContext(headers, change.context());
        }
    }

    private static void addContext(Headers headers, ChangeContext context) {
        add(headers, CONTEXT, context.context());
        add(headers, TRACEPARENT, context.traceparent());
        add(headers, SESSION_USER, context.sessionUser());
        add(headers, APPLICATION_NAME, context.applicationName());
        if (context.leftOut()) {
            headers.addBoolean(CONTEXT_LEFT_OUT, true);
        }
    }

    private static void add(Headers headers, String name, @Nullable String value) {
        if (value != null) {
            headers.addString(name, value);
        }
    }

    private void addBasic(Headers headers, Change change, RecordRole role) {
        headers.addString("ectowatch.event", role.event(change))
                .addString("ectowatch.table", table)
                .addString("ectowatch.txid", Long.toString(change.transactionId()));
    }

    // CloudEvents 1.0, Kafka protocol binding, binary content mode. Only the converter knows the content type.
    private void addCloudEvent(Headers headers, Change change, RecordRole role, @Nullable Struct rowKey) {
        headers.addString("ce_specversion", "1.0")
                .addString("ce_id", role.id(change))
                .addString("ce_source", source)
                .addString("ce_type", "ectowatch." + role.event(change))
                .addString("ce_time", Instant.ofEpochMilli(change.at()).toString());
        if (rowKey != null) {
            headers.addString("ce_subject", subject(rowKey));
        }
    }

    private static String subject(Struct key) {
        return key.schema().fields().stream()
                .map(field -> UriPath.segment(key.get(field)))
                .collect(Collectors.joining("/"));
    }
}
