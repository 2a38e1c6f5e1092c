package io.ectowatch.connect.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.ectowatch.connect.catalog.Column;
import io.ectowatch.connect.catalog.ColumnKind;
import io.ectowatch.connect.catalog.TableShape;
import io.ectowatch.connect.config.Event;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.watch.WatchedTable.TableWatcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a change costs on its way through this package, without any I/O: from the text of a body to values, from those to
 * a record; and, to compare with, what Connect's converter makes of it afterwards. Each figure is per change.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HotPath {

    private static final int ROWS = 1_000;

    private final JsonFactory json = new JsonFactory();
    private final Map<String, ?> partition = Map.of("connector", "shop");
    private final Map<String, ?> offset = Map.of("position", 1L);
    private final List<SourceRecord> records = new ArrayList<>();
    private WatchedTable table;
    private RowReader rows;
    private RecordFactory factory;
    private JsonConverter converter;
    private String body;
    private String bodyOfOne;
    private Change change;
    private SourceRecord record;

    @Setup
    public void prepare() throws IOException {
        Column id = new Column("id", ColumnKind.INT64, "bigint", false, false);
        TableShape shape = new TableShape(
                1,
                new TableName("public", "users"),
                "postgres",
                List.of(id),
                List.of(id),
                TableShape.Triggers.STATEMENT);
        TableWatcher watcher = new TableWatcher(
                Set.of(Event.INSERTED),
                List.of(),
                null,
                Map.of(Event.INSERTED, "ectowatch.users.inserted", Event.RESYNC, "ectowatch.users.resync"));
        table = new WatchedTable(shape, List.of(watcher));
        rows = new RowReader(table);
        factory = new RecordFactory(table, "ectowatch");
        body = IntStream.range(1_000_000, 1_000_000 + ROWS)
                .mapToObj(number -> "[" + number + "]")
                .collect(Collectors.joining(",", "[", "]"));
        bodyOfOne = "[[1000000]]";
        try (JsonParser parser = json.createParser("[1000000]")) {
            parser.nextToken();
            change = change(0, rows.read(parser, EventCode.INSERTED));
        }
        factory.append(change, partition, offset, records);
        record = records.remove(0);
        converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", false), false);
    }

    private Change change(int index, Row row) {
        return new Change(table, Event.INSERTED, "771.1700000000000123." + index, 771, 1_700_000_000_000L, row);
    }

    private void parse(String text, Blackhole hole) throws IOException {
        try (JsonParser parser = json.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                hole.consume(rows.read(parser, EventCode.INSERTED));
            }
        }
    }

    /** A body of a thousand rows. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void parseOfThousand(Blackhole hole) throws IOException {
        parse(body, hole);
    }

    /** A body of a single row: what a one-row statement writes. */
    @Benchmark
    public void parseOfOne(Blackhole hole) throws IOException {
        parse(bodyOfOne, hole);
    }

    /** A run of a thousand keys, of which the body has but the ends. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void runOfThousand(Blackhole hole) throws IOException {
        for (long key = 1_000_000; key < 1_000_000 + ROWS; key++) {
            hole.consume(rows.ofKey(key));
        }
    }

    /** From a change to its record. */
    @Benchmark
    public SourceRecord toRecord() {
        records.clear();
        factory.append(change, partition, offset, records);
        return records.get(0);
    }

    /** All of it, a thousand rows at a time. */
    @Benchmark
    @OperationsPerInvocation(ROWS)
    public List<SourceRecord> parseAndToRecord() throws IOException {
        records.clear();
        int index = 0;
        try (JsonParser parser = json.createParser(body)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                factory.append(change(index++, rows.read(parser, EventCode.INSERTED)), partition, offset, records);
            }
        }
        return records;
    }

    /** What Connect does with key and value afterwards, whichever connector made them. */
    @Benchmark
    public void convert(Blackhole hole) {
        hole.consume(converter.fromConnectData(record.topic(), record.keySchema(), record.key()));
        hole.consume(converter.fromConnectData(record.topic(), record.valueSchema(), record.value()));
    }
}
