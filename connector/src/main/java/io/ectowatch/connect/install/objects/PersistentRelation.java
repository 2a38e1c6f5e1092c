package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.EventCode;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.Template;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A table or sequence that is created once and kept, since its contents are more important than its definition.
 *
 * @param kind {@code TABLE} or {@code SEQUENCE}
 * @param name its name within {@code database.schema}
 * @param facts its expected properties, as {@link RelationFacts} reads them
 * @param identity the replica identity of a table: without one, a publication of all tables makes every UPDATE fail
 * @param statements the statements that create it, each without effect if that was done before
 * @param first statements to run after it was created, when its owner has been checked
 */
public record PersistentRelation(
        String kind, String name, List<String> facts, Identity identity, List<String> statements, List<String> first) {

    private static final Template SEQUENCE = Template.load("sequence.sql");
    private static final FunctionTemplate SECURE = FunctionTemplate.load("secure-relations.sql");

    /** {@code pg_class.relreplident}: how a publication identifies a row that was updated or deleted. */
    enum Identity {
        /** By the primary key. */
        DEFAULT("d"),
        /** By all columns, for tables without a key, which would slow the writers. */
        FULL("f");

        private final String letter;

        Identity(String letter) {
            this.letter = letter;
        }

        String letter() {
            return letter;
        }
    }

    public PersistentRelation {
        facts = List.copyOf(facts);
        statements = List.copyOf(statements);
        first = List.copyOf(first);
    }

    /**
     * A table.
     *
     * @param name its name within the schema
     * @param template what creates it: a line for each column, whose type is named as in {@code pg_type}, and for each
     *     constraint
     */
    public static PersistentRelation table(ObjectNames names, String name, Template template) {
        Map<String, String> places = Map.of("table", SqlText.identifier(names.schema(), name));
        return table(name, template.items(), template.statements(places));
    }

    /**
     * A table without a key, with an index over its first column.
     *
     * @param index the name of the index
     * @param template as above, with the statement that creates the index
     */
    public static PersistentRelation table(ObjectNames names, String name, String index, Template template) {
        List<String> items = new ArrayList<>(template.items());
        String first = items.get(0);
        items.add("index btree (" + first.substring(0, first.indexOf(' ')) + ")");
        Map<String, String> places = new HashMap<>(EventCode.PLACES);
        places.put("table", SqlText.identifier(names.schema(), name));
        places.put("index", SqlText.identifier(index));
        return table(name, items, template.statements(places));
    }

    private static PersistentRelation table(String name, List<String> items, List<String> statements) {
        List<String> facts = new ArrayList<>(List.of("table"));
        boolean keyed = false;
        for (String item : items) {
            boolean constraint = item.startsWith("PRIMARY KEY ") || item.startsWith("UNIQUE ");
            keyed |= constraint;
            String kind = item.startsWith("index ") ? "" : constraint ? "constraint " : "column ";
            facts.add(kind + item.replace("\"", ""));
        }
        return new PersistentRelation(
                "TABLE", name, facts, keyed ? Identity.DEFAULT : Identity.FULL, statements, List.of());
    }

    /**
     * A sequence with that minimum, which is also its first value; {@code first}: the statements that set its value.
     */
    static PersistentRelation sequence(ObjectNames names, String name, int least, String... first) {
        return new PersistentRelation(
                "SEQUENCE",
                name,
                List.of(
                        "sequence",
                        "int8 START " + least + " INCREMENT 1 MINVALUE " + least
                                + " MAXVALUE 9223372036854775807 CACHE 1"),
                Identity.DEFAULT,
                SEQUENCE.statements(
                        Map.of("sequence", SqlText.identifier(names.schema(), name), "least", Integer.toString(least))),
                List.of(first));
    }

    /** Creates them and marks them as the connector's; fails if another role has created one of that name. */
    static List<String> create(ObjectNames names, List<PersistentRelation> relations) {
        if (relations.isEmpty()) {
            return List.of();
        }
        List<String> all = new ArrayList<>();
        relations.forEach(relation -> all.addAll(relation.statements));
        String rows =
                relations.stream().map(relation -> relation.secured(names)).collect(Collectors.joining(",\n"));
        all.add(SECURE.fill(Map.of("relations", rows)).create());
        relations.forEach(relation -> all.addAll(relation.first));
        String marker = SqlText.literal(Marker.of(names.connector()).comment());
        for (PersistentRelation relation : relations) {
            all.add("COMMENT ON " + relation.kind + " " + relation.identifier(names) + " IS " + marker);
        }
        return all;
    }

    private String secured(ObjectNames names) {
        return "(" + SqlText.literal(identifier(names)) + "::regclass, " + SqlText.literal(kind) + ", "
                + (kind.equals("TABLE") ? SqlText.literal(identity.name()) : "NULL") + ")";
    }

    private String identifier(ObjectNames names) {
        return SqlText.identifier(names.schema(), name);
    }

    /** Repairs the settings of a relation that the connector owns: see {@link RelationFacts}. */
    List<String> mend(ObjectNames names, RelationFacts found) {
        List<String> statements = new ArrayList<>();
        if (!found.ownerHasAll()) {
            statements.add(
                    "GRANT ALL ON " + kind + " " + identifier(names) + " TO " + SqlText.identifier(found.owner()));
        }
        String alter = "ALTER TABLE " + identifier(names);
        if (found.rowSecurity()) {
            statements.add(alter + " DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY");
        }
        if (kind.equals("TABLE") && !found.identity().equals(identity.letter())) {
            statements.add(alter + " REPLICA IDENTITY " + identity.name());
        }
        return statements;
    }
}
