package io.ectowatch.connect.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.Event;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Generated histories: what is published of them if it is collapsed, and what the offsets of the records cover. */
class CollapsedHistoriesTest {

    private final CollapsedHistory history = new CollapsedHistory();

    /** Against a model that looks at each row alone, and with a restart after each record. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void generatedHistoriesKeepTheirMeaningAndNothingIsSkippedByARestart(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            generate(random);
            for (boolean behind : new boolean[] {false, true}) {
                for (String watcher : List.of("each", "always", "posts", "backlog")) {
                    boolean collapses = !watcher.equals("each") && (behind || !watcher.equals("backlog"));
                    assertThat(byRow(history.published(watcher, behind)))
                            .as("history %d of seed %d for %s", i, seed, watcher)
                            .isEqualTo(byRow(modelled(watcher, collapses)));
                }
                checkRestarts(history.records(behind));
            }
        }
    }

    private void generate(Random random) {
        history.changes().clear();
        Map<Long, String> bodies = new TreeMap<>();
        int text = 0;
        for (int i = 0; i < 14; i++) {
            long id = random.nextInt(3);
            long choice = random.nextInt(16);
            String body = bodies.get(id);
            String next = "v" + text++;
            int dice = random.nextInt(20);
            if (dice == 0) {
                history.add(random.nextBoolean() ? Event.TRUNCATED : Event.RESYNC, null);
                bodies.clear();
            } else if (body == null) {
                history.add(
                        Event.INSERTED, new Row(new Object[] {id, 7L, next}, false, choice, null, new Object[2], 0));
                bodies.put(id, next);
            } else if (dice < 3) {
                history.add(Event.DELETED, new Row(new Object[] {id, 7L, body}, false, choice, null, new Object[2], 0));
                bodies.remove(id);
            } else {
                history.add(
                        Event.UPDATED,
                        new Row(
                                new Object[] {id, 7L, next},
                                false,
                                choice,
                                List.of("body"),
                                new Object[] {7L, body},
                                0));
                bodies.put(id, next);
            }
        }
    }

    /** What a watcher should publish: each run of updates of a row, with the insertion before it, as one. */
    private List<String> modelled(String watcher, boolean collapses) {
        int bit = List.of("each", "always", "posts", "backlog").indexOf(watcher);
        Map<Long, String[]> runs = new TreeMap<>(); // number, event, body, old, count
        List<String> published = new ArrayList<>();
        for (int i = 0; i < history.changes().size(); i++) {
            Change change = history.changes().get(i);
            Row row = change.row();
            if (row == null) {
                runs.values().forEach(run -> published.add(described(run)));
                runs.clear();
                published.add(i + " " + change.event().text());
                continue;
            }
            Long id = (Long) row.values()[0];
            boolean wanted = (row.choice() >> bit & 1) == 1;
            boolean update = change.event() == Event.UPDATED;
            String[] run = runs.get(id);
            if (run != null && (!update || wanted && !collapses)) {
                published.add(described(run));
                runs.remove(id);
                run = null;
            }
            if (wanted) {
                String body = (String) row.values()[2];
                String count = bit == 0 ? "null" : "1";
                if (run == null) {
                    runs.put(id, new String[] {
                        "" + i, change.event().text(), id + " " + body, "" + (update ? row.before()[1] : null), count
                    });
                } else {
                    run[0] = "" + i;
                    run[2] = id + " " + body;
                    run[4] = "" + (Integer.parseInt(run[4]) + 1);
                }
            }
        }
        runs.values().forEach(run -> published.add(described(run)));
        return published;
    }

    private static String described(String[] run) {
        return run[0] + " " + run[1] + " " + run[2] + " was " + run[3] + ", " + run[4];
    }

    /** By row, in the order of the numbers; what belongs to no row under its event. */
    private static Map<String, List<String>> byRow(List<String> published) {
        Map<String, List<String>> rows = new TreeMap<>();
        for (String line : published) {
            String[] words = line.split(" ");
            rows.computeIfAbsent(words.length < 3 ? words[1] : words[2], row -> new ArrayList<>())
                    .add(line);
        }
        return rows;
    }

    /** Whatever record is the last that was committed: what its offset covers has been published. */
    private void checkRestarts(List<SourceRecord> records) {
        Set<String> covered = new HashSet<>();
        long before = -1;
        for (SourceRecord record : records) {
            cover(record, covered);
            long offset = (Long) record.sourceOffset().get("change");
            assertThat(offset).isGreaterThanOrEqualTo(before);
            before = offset;
            for (int i = 0; i <= offset; i++) {
                assertThat(covered).containsAll(wanted(i));
            }
        }
        for (int i = 0; i < history.changes().size(); i++) {
            assertThat(covered).containsAll(wanted(i));
            if (i > before) {
                assertThat(wanted(i)).isEmpty();
            }
        }
    }

    /** What is to be published of a change: the topics, with its number. */
    private Set<String> wanted(int number) {
        Set<String> wanted = new TreeSet<>();
        Row row = history.changes().get(number).row();
        for (int i = 0; i < 4; i++) {
            if (row == null || (row.choice() >> i & 1) == 1) {
                wanted.add("t." + List.of("each", "always", "posts", "backlog").get(i) + number);
            }
        }
        return wanted;
    }

    /** Adds the changes for which the record stands: the last ones of its row that its watcher publishes. */
    private void cover(SourceRecord record, Set<String> covered) {
        Header count = record.headers().lastWithName(RecordFactory.COUNT_HEADER);
        int missing = count == null ? 1 : Integer.parseInt((String) count.value());
        int last = Integer.parseInt(((Struct) record.value()).getString("id").split("[.]")[0]);
        Row row = history.changes().get(last).row();
        for (int i = last; i >= 0 && missing > 0; i--) {
            Row other = history.changes().get(i).row();
            boolean same = i == last || row != null && other != null && row.values()[0].equals(other.values()[0]);
            if (same && wanted(i).contains(record.topic() + i)) {
                covered.add(record.topic() + i);
                missing--;
            }
        }
    }
}
