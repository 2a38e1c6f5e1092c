package io.ectowatch.connect.backfill;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.backfill.Backfill.Cause;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.BackfillRow;
import io.ectowatch.connect.watch.WatchedTable;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The backfills that have not ended, in the order in which they are worked off. Part of each source offset. Immutable. */
public final class Backfills {

    public static final Backfills NONE = new Backfills(List.of(), 0);

    /** The field of an offset. */
    public static final String FIELD = "backfills";

    /** The most that calls can have waiting, since each offset carries all of them. */
    private static final int MOST_CALLS = 100;

    private static final JsonFactory JSON = new JsonFactory();

    private final List<Backfill> all;
    private final long taken;

    private Backfills(List<Backfill> all, long taken) {
        this.all = List.copyOf(all);
        this.taken = taken;
    }

    /** The number of the last request of this task that was considered, see {@link #plus}. */
    public long taken() {
        return taken;
    }

    public List<Backfill> all() {
        return all;
    }

    public boolean isEmpty() {
        return all.isEmpty();
    }

    /** How many rows they have read. */
    public long rows() {
        return all.stream().mapToLong(Backfill::count).sum();
    }

    /** The first of those that {@code predicate} accepts. */
    public Optional<Backfill> first(Predicate<Backfill> predicate) {
        return all.stream().filter(predicate).findFirst();
    }

    /** With another state of the one with the same id. */
    public Backfills with(Backfill changed) {
        return mapped(backfill -> backfill.id().equals(changed.id()) ? changed : backfill);
    }

    /** Without that one. */
    public Backfills without(Backfill ended) {
        return new Backfills(
                all.stream()
                        .filter(backfill -> !backfill.id().equals(ended.id()))
                        .toList(),
                taken);
    }

    /** With all of them to be ended, for that reason. */
    public Backfills endedBy(String reason) {
        return mapped(backfill -> backfill.endedBy(reason));
    }

    private Backfills mapped(UnaryOperator<Backfill> change) {
        return new Backfills(all.stream().map(change).toList(), taken);
    }

    private Backfills plus(Backfill added) {
        if (all.stream().anyMatch(backfill -> backfill.id().equals(added.id()))) {
            return this; // its journal row is read again
        }
        List<Backfill> more = new ArrayList<>(all);
        boolean tooMany = added.cause() == Cause.CALL
                && all.stream()
                                .filter(backfill -> backfill.cause() == Cause.CALL)
                                .count()
                        >= MOST_CALLS;
        more.add(tooMany ? added.endedBy(MOST_CALLS + " backfills are waiting already. Call it again later.") : added);
        return new Backfills(more, taken);
    }

    /**
     * With the requests that it has not considered yet: of tables of which single changes could not be published. A backfill
     * that is reading goes on, so that the last one ends even if there are such changes all the time.
     */
    public Backfills plus(Collection<ResyncRequest> requests) {
        Backfills result = this;
        for (ResyncRequest request : requests) {
            if (request.number() > result.taken) {
                Backfill added = request.backfill();
                boolean waiting = result.all.stream()
                        .anyMatch(backfill -> isAutomatic(backfill, added.table()) && backfill.unbegun());
                result = new Backfills((waiting ? result : result.plus(added)).all, request.number());
            }
        }
        return result;
    }

    private static boolean isAutomatic(Backfill backfill, TableName table) {
        return backfill.table().equals(table) && backfill.cause() != Cause.CALL && backfill.ending() == null;
    }

    /** One that nobody has called. */
    public static Backfill automatic(WatchedTable table, Cause cause) {
        return new Backfill(UUID.randomUUID().toString(), table.shape().name(), cause, null);
    }

    /** With one for each of the tables, which are watched for the first time, or of which changes may have been lost. */
    public Backfills plusAll(Collection<WatchedTable> tables, Cause cause) {
        Backfills result = this;
        for (WatchedTable table : tables) {
            Predicate<Backfill> same =
                    backfill -> isAutomatic(backfill, table.shape().name());
            if (result.all.stream().anyMatch(same.and(Backfill::unbegun))) {
                continue;
            }
            // What it has read may be from before the loss.
            result = result.mapped(backfill -> same.test(backfill)
                    ? backfill.endedBy("changes of the table may have been lost meanwhile; another backfill follows")
                    : backfill);
            result = result.plus(automatic(table, cause));
        }
        return result;
    }

    /**
     * With what the body of a journal row requests.
     *
     * @param table the table of the row's layout, or null if none is watched
     * @param wantsNew whether tables that are watched for the first time are backfilled
     */
    public Backfills plusRow(String body, @Nullable TableName table, boolean wantsNew) throws IOException {
        Map<String, String> fields = fields(body);
        String id = fields.get(BackfillRow.ID);
        if (fields.containsKey(BackfillRow.STOP)) {
            String stopped = fields.get(BackfillRow.STOP);
            return mapped(backfill ->
                    backfill.id().equals(stopped) ? backfill.endedBy("it was stopped by a call") : backfill);
        }
        boolean first = fields.containsKey(BackfillRow.FIRST);
        if (id == null || table == null || first && !wantsNew) {
            return this;
        }
        boolean waiting = first
                && all.stream()
                        .anyMatch(backfill -> backfill.table().equals(table)
                                && (backfill.cause() == Cause.NEW && backfill.ending() == null
                                        || backfill.cause() != Cause.CALL && backfill.unbegun()));
        return waiting
                ? this
                : plus(new Backfill(id, table, first ? Cause.NEW : Cause.CALL, fields.get(BackfillRow.CONDITION)));
    }

    private static Map<String, String> fields(String body) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("it is not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                fields.put(json.currentName(), json.nextToken() == JsonToken.VALUE_NULL ? null : json.getText());
            }
        }
        fields.values().removeIf(value -> value == null);
        return fields;
    }

    /** The form in an offset. */
    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (Backfill backfill : all) {
                json.writeStartObject();
                json.writeStringField("id", backfill.id());
                json.writeStringField("schema", backfill.table().schema());
                json.writeStringField("table", backfill.table().table());
                json.writeStringField("cause", backfill.cause().name());
                write(json, "condition", backfill.condition());
                write(json, "key", backfill.key());
                write(json, "ending", backfill.ending());
                json.writeNumberField("count", backfill.count());
                if (backfill.last() != null) {
                    json.writeArrayFieldStart("last");
                    for (String value : backfill.last()) {
                        json.writeString(value);
                    }
                    json.writeEndArray();
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String field, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(field, value);
        }
    }

    /**
     * Those of an offset.
     *
     * @throws IllegalArgumentException if they cannot be read, with the reason
     */
    public static Backfills ofOffset(@Nullable Map<String, ?> offset) {
        if (offset == null) {
            return NONE;
        }
        Backfills result = unfinished(offset.get(FIELD));
        for (Backfill requested : BackfillRequests.in(offset)) {
            result = result.plus(requested);
        }
        return result;
    }

    private static Backfills unfinished(@Nullable Object text) {
        if (text == null) {
            return NONE;
        }
        List<Backfill> all = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text.toString())) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("the field " + FIELD + " is not a JSON array");
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                all.add(backfill(json));
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("the field " + FIELD + " cannot be read: " + e.getMessage(), e);
        }
        return new Backfills(all, 0);
    }

    private static String text(Map<String, String> texts, String field) {
        return Objects.requireNonNull(texts.get(field), field);
    }

    private static Backfill backfill(JsonParser json) throws IOException {
        Map<String, String> texts = new HashMap<>();
        long count = 0;
        List<String> last = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_ARRAY) {
                last = new ArrayList<>();
                while (json.nextToken() == JsonToken.VALUE_STRING) {
                    last.add(json.getText());
                }
            } else if (token == JsonToken.VALUE_NUMBER_INT) {
                count = json.getLongValue();
            } else if (token == JsonToken.VALUE_STRING) {
                texts.put(field, json.getText());
            }
        }
        return new Backfill(
                text(texts, "id"),
                new TableName(text(texts, "schema"), text(texts, "table")),
                Cause.valueOf(text(texts, "cause")),
                texts.get("condition"),
                texts.get("key"),
                last,
                count,
                texts.get("ending"));
    }
}
