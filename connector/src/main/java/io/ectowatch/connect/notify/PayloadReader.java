package io.ectowatch.connect.notify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.log.RepeatedLog;
import io.ectowatch.connect.protocol.ChangeContext;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.NotifyPayload;
import io.ectowatch.connect.record.Change;
import io.ectowatch.connect.record.PerTable;
import io.ectowatch.connect.record.Row;
import io.ectowatch.connect.record.RowReader;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns payloads into changes. {@link NotifyPayload} describes the format. Not thread-safe. */
final class PayloadReader {

    private static final Logger log = LoggerFactory.getLogger(PayloadReader.class);

    private static final JsonFactory COUNTING = new JsonFactory();

    /** Brackets around an entry, its own included. */
    private static final int ENTRY_DEPTH = 3;

    private final JsonFactory json = new JsonFactory();
    private final NotifyLayouts layouts;
    private final PerTable<RowReader> rowReaders;
    private final RepeatedLog repeated;
    private boolean warnedOfForeign;

    PayloadReader(NotifyLayouts layouts, RepeatedLog repeated) {
        this.layouts = layouts;
        this.repeated = repeated;
        this.rowReaders = new PerTable<>(RowReader::new, layouts::inUse);
    }

    /** The result of reading a payload. */
    enum Outcome {
        /** Its changes were added. */
        READ,
        /**
         * It announces a gap of one table, or cannot be read although its layout belongs to this connector: a resync
         * was added.
         */
        GAP,
        /**
         * It does not belong to the connector, or belongs to a table that is not watched any more: nothing was added.
         */
        IGNORED
    }

    /** Adds the payload's changes to {@code changes}. */
    Outcome read(String payload, List<Change> changes) {
        int before = changes.size();
        WatchedTable table = null;
        try (JsonParser parser = json.createParser(payload)) {
            NotifyPayload.Head head = NotifyPayload.head(parser);
            String layout = head.layout();
            table = layout == null ? null : layouts.readable(layout);
            if (table == null || head.isGap()) {
                return announced(layout, table == null && layout != null ? layouts.formerly(layout) : table, changes);
            }
            readChanges(parser, table, EventCode.of(head.event()), changes);
            return Outcome.READ;
        } catch (IOException | IllegalArgumentException e) {
            // Any role may notify on any channel. If a part of a payload is not valid, the rest is not trusted
            // either.
            changes.subList(before, changes.size()).clear();
            if (table != null) {
                // A column's type may have changed since the triggers were created: then its values are lost.
                TableName name = table.shape().name();
                repeated.log(
                        "unreadable " + name,
                        more -> log.warn(
                                "A notification of {} cannot be read. A resync record is published instead. Reason: {}{}",
                                name,
                                e.getMessage(),
                                more));
                changes.add(resync(table));
                return Outcome.GAP;
            }
            if (!warnedOfForeign) {
                warnedOfForeign = true;
                log.warn(
                        "Ignored a notification that was not sent by this connector's triggers: {}. Further ones are"
                                + " ignored without a log line.",
                        e.getMessage());
            }
            return Outcome.IGNORED;
        }
    }

    private Outcome announced(@Nullable String layout, @Nullable WatchedTable table, List<Change> changes) {
        if (table == null) {
            log.debug("Ignored a notification of layout {}, which does not belong to a watched table.", layout);
            return Outcome.IGNORED;
        }
        TableName name = table.shape().name();
        repeated.log(
                "gap " + name,
                more -> log.warn(
                        "A trigger could not announce a change of {}. A resync record is published instead. See the"
                                + " server's log for the reason.{}",
                        name,
                        more));
        changes.add(resync(table));
        return Outcome.GAP;
    }

    private void readChanges(JsonParser parser, WatchedTable table, EventCode code, List<Change> changes)
            throws IOException {
        NotifyPayload.Statement statement = NotifyPayload.statement(parser);
        long index = statement.first();
        String idPrefix = statement.transaction() + "." + statement.number() + ".";
        RowReader rows = rowReaders.of(table);
        JsonToken first = parser.nextToken();
        ChangeContext context = null;
        if (first == JsonToken.START_OBJECT) {
            context = ChangeContext.read(parser.nextFieldName(), parser);
            first = parser.nextToken();
        }
        for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            Row row = null;
            if (token != JsonToken.VALUE_NULL) {
                row = rows.read(parser, code);
            }
            changes.add(new Change(
                    table,
                    code.event(),
                    idPrefix + index++,
                    statement.transaction(),
                    statement.number() / 1000,
                    row,
                    null,
                    null,
                    context));
        }
    }

    /** How many changes a payload that is dropped would have given. */
    static int countChanges(String payload) {
        int count = 0;
        try (JsonParser parser = COUNTING.createParser(payload)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_ARRAY) {
                    depth++;
                    count += depth == ENTRY_DEPTH ? 1 : 0;
                } else if (token == JsonToken.END_ARRAY) {
                    depth--;
                }
            }
        } catch (IOException e) {
            log.debug("Dropped a notification that was not sent by this connector's triggers.");
        }
        return count;
    }

    /** The change that says that nothing is known for certain about the table's recent past. */
    static Change resync(WatchedTable table) {
        return new Change(table, Event.RESYNC, UUID.randomUUID().toString(), 0, System.currentTimeMillis(), null);
    }
}
