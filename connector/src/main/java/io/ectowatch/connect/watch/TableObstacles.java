package io.ectowatch.connect.watch;

import io.ectowatch.connect.catalog.CatalogTable;
import io.ectowatch.connect.catalog.ExtensionTables;
import io.ectowatch.connect.config.names.SpellingSuggestion;
import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.postgres.SqlText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Why a table cannot be watched whatever its watchers ask for, each with what to do about it. */
final class TableObstacles {

    /** Names that need no quotes. */
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

    private final List<CatalogTable> relations;
    private final Map<Long, String> ofExtensions;
    private final String role;
    private final boolean installing;

    /**
     * @param ofExtensions see {@link ExtensionTables#read}
     * @param role the connected role, for the statements in messages
     * @param installing whether that role is to make the triggers
     */
    TableObstacles(List<CatalogTable> relations, Map<Long, String> ofExtensions, String role, boolean installing) {
        this.relations = relations;
        this.ofExtensions = ofExtensions;
        this.role = role;
        this.installing = installing;
    }

    /** What the table itself lacks. */
    Optional<String> of(CatalogTable relation) {
        TableName name = relation.name();
        if (!relation.kind().watchable()) {
            return Optional.of(name + " is a " + relation.kind().text
                    + ", which cannot have the triggers that capture row changes. Watch its underlying tables.");
        }
        String ofExtension = ofExtensions.get(relation.oid());
        if (ofExtension != null) {
            return Optional.of(name + ofExtension);
        }
        if (relation.key().isEmpty()) {
            return Optional.of(name + " has no primary key, which becomes the key of the records. Add one (ALTER TABLE "
                    + SqlText.identifier(name.schema(), name.table()) + " ADD PRIMARY KEY ...).");
        }
        return relation.incompleteKey().map(key -> incomplete(name, key));
    }

    private static String incomplete(TableName name, CatalogTable.IncompleteKey key) {
        return name + " has a primary key that is not valid, so its values may not be unique: these partitions have no"
                + " valid index that is attached to it: " + String.join(", ", key.partitions())
                + ". Add a primary key to each of them, and attach its index: ALTER INDEX "
                + SqlText.identifier(name.schema(), key.index()) + " ATTACH PARTITION ...;";
    }

    /** What the role lacks to make triggers on the table. */
    Optional<String> missingPrivilege(CatalogTable relation) {
        TableName name = relation.name();
        if (!relation.mayUseSchema()) {
            return Optional.of("The connector's role may not use the schema of " + name + ". Run as its owner: GRANT"
                    + " USAGE ON SCHEMA " + SqlText.identifier(name.schema()) + " TO " + SqlText.identifier(role)
                    + ";");
        }
        List<String> closed = closed(relation);
        if (!closed.isEmpty()) {
            return Optional.of("The connector's role may not create triggers on " + name
                    + (relation.mayTrigger() ? "'s partitions" : "") + ". Run as its owner (" + relation.owner()
                    + "): GRANT TRIGGER ON TABLE " + String.join(", ", closed) + " TO " + SqlText.identifier(role)
                    + ";");
        }
        return Optional.empty();
    }

    /** What the role may not create triggers on: the table, and partitions of it, to which its triggers are cloned. */
    private List<String> closed(CatalogTable relation) {
        return relations.stream()
                .filter(one -> one.equals(relation) || one.partitionOf(relation))
                .filter(one -> installing && !one.mayTrigger())
                .map(one -> SqlText.identifier(one.name().schema(), one.name().table()))
                .toList();
    }

    /** What to say of a table that does not exist. */
    String unknown(TableName name) {
        List<String> known = relations.stream()
                .filter(relation -> relation.kind().watchable())
                .map(relation -> asWritten(relation.name()))
                .toList();
        return "Table " + name + " does not exist."
                + relations.stream()
                        .filter(relation -> relation.name().toString().equalsIgnoreCase(name.toString()))
                        .findFirst()
                        .map(odd -> " Names without quotes are folded to lower case. Write "
                                + SqlText.identifier(
                                        odd.name().schema(), odd.name().table()) + ".")
                        .or(() -> SpellingSuggestion.closest(name.toString(), known)
                                .map(close -> " Did you mean " + close + "?"))
                        .orElse(" Check its schema and name, and check that connection.url names the right database.");
    }

    /** The name as you write it in a setting. */
    private static String asWritten(TableName name) {
        boolean plain = PLAIN.matcher(name.schema()).matches()
                && PLAIN.matcher(name.table()).matches();
        return plain ? name.toString() : SqlText.identifier(name.schema(), name.table());
    }
}
