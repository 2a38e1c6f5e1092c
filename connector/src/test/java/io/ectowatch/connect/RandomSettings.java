package io.ectowatch.connect;

import io.ectowatch.connect.postgres.SqlText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Settings of a watcher, valid and invalid ones; the same for each seed. */
public final class RandomSettings {

    private static final List<String> SPLINTERS = List.of(
            "a",
            "B",
            "ä",
            "語",
            "🙂",
            " ",
            ".",
            ",",
            "\"",
            "'",
            "$",
            "$$",
            "$ectowatch$",
            "${body}",
            "{d '1'}",
            "{fn x()}",
            "%",
            "%s",
            "\\",
            "\n",
            "\t",
            ";",
            "--",
            "/*",
            "*/",
            "(",
            ")",
            "?",
            ":x",
            "|",
            "~",
            "new",
            "old",
            "select",
            "0",
            "DROP TABLE precious");

    private static final List<String> WORDS = List.of(
            "NEW.id",
            "OLD.id",
            "NEW.words",
            "OLD.words",
            "NEW",
            "OLD.*",
            "NEW.at",
            "\"new\".id",
            " = ",
            " > ",
            " <> ",
            " AND ",
            " OR ",
            " NOT ",
            "(",
            ")",
            "1",
            "0",
            "'x'",
            "'",
            "E'\\\\'",
            "''",
            "$$y$$",
            "$1",
            " IS NULL",
            " IS DISTINCT FROM ",
            " / 0",
            "::int",
            "::text",
            "||",
            "lower(",
            "now()",
            "nextval('counter')",
            "count(*)",
            "coalesce(",
            ", ",
            ";",
            "; DROP TABLE precious; --",
            "--",
            "/*",
            "*/",
            "(SELECT 1)",
            "(DELETE FROM precious RETURNING true)",
            "?",
            "{fn now()}",
            "\\",
            "true",
            "precious.id",
            ") OR (true",
            " LIKE '%'",
            "[1]",
            "ARRAY[1,2]",
            "\"",
            "\n");

    private final Random random;

    public RandomSettings(long seed) {
        random = new Random(seed);
    }

    /** Of a watcher called w, of a table called things. */
    String[] next() {
        List<String> settings = new ArrayList<>(List.of(
                "watchers=w",
                "watchers.w.table=" + pick("things", "thing*", "*.things", "precious, things", "\"things\""),
                "delivery.mode=" + pick("notify", "durable")));
        if (random.nextInt(3) > 0) {
            settings.add("watchers.w.when=" + condition());
        }
        option(settings, "events", "updated", "inserted,updated", "updated", "deleted", "truncated,updated");
        option(settings, "columns", "words", "words, at", "\"Words\"", "ad", identifier());
        option(settings, "key.columns", "tag", "id", "words", "tag,id", identifier());
        option(settings, "extra.columns", "words", "at,id", "", "nothing", identifier());
        option(settings, "label", "l", "l.m", "l m", identifier());
        option(settings, "topic", "t", "ectowatch.things.updated", "..", identifier());
        option(settings, "include.changed.columns", "true", "false", "perhaps");
        option(settings, "old.values", "true", "TRUE", "0");
        option(settings, "skip.unchanged.updates", "true", "", "yes");
        option(settings, "collapse", "always", "backlog", "none", "sometimes");
        option(settings, "replicated", "true", "false", "always");
        option(settings, "row.triggers", "true", "false", "each");
        return settings.toArray(String[]::new);
    }

    private void option(List<String> settings, String name, String... values) {
        if (random.nextInt(4) == 0) {
            // The first are the good ones.
            String value = values[Math.min(random.nextInt(values.length), random.nextInt(values.length))];
            settings.add("watchers.w." + name + "=" + value);
        }
    }

    /** Every other time something that has a chance. */
    private String condition() {
        if (random.nextBoolean()) {
            return pick("NEW.id", "OLD.id", "coalesce(NEW.id, OLD.id)", "length(NEW.words)")
                    + pick(" > ", " = ", " IS DISTINCT FROM ", " / ")
                    + pick("0", "1 / OLD.id", "NEW.id", "length(OLD.words)", "1 = 2")
                    + pick("", " AND NEW IS NOT NULL", " OR NEW.words ~ '('", " OR OLD.id IS NULL");
        }
        StringBuilder text = new StringBuilder();
        for (int words = random.nextInt(7); words >= 0; words--) {
            text.append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return text.toString();
    }

    private String pick(String... values) {
        return values[random.nextInt(values.length)];
    }

    /** A name that PostgreSQL takes, in its length too. */
    public String identifier() {
        StringBuilder name = new StringBuilder();
        for (int splinters = random.nextInt(6); splinters >= 0; splinters--) {
            name.append(SPLINTERS.get(random.nextInt(SPLINTERS.size())));
        }
        name.append(random.nextInt(1_000_000)); // so that no two are the same
        while (name.toString().getBytes(StandardCharsets.UTF_8).length > SqlText.NAME_BYTES) {
            name.deleteCharAt(0);
            if (Character.isLowSurrogate(name.charAt(0))) {
                name.deleteCharAt(0);
            }
        }
        return name.toString().strip();
    }
}
