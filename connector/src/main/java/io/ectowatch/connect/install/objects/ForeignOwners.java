package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The connector's objects that a role owns that must not, and what to do about them. After a restore by another role it
 * owns all of them, so they have one message and one statement.
 */
final class ForeignOwners {

    /** So many objects are named. */
    private static final int NAMED = 3;

    /** Finds the objects by their comments: their names could be those of another connector, too. */
    private static final String ALL = """
            DECLARE statement text; BEGIN FOR statement IN
            SELECT format(${action}, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, c.oid::regclass)
            FROM pg_class AS c WHERE c.relnamespace = ${schema}::regnamespace AND c.relkind IN ('r', 'S', 'v')
            AND c.relowner = ${owner}::regrole AND (starts_with(obj_description(c.oid, 'pg_class'), ${marker})
            OR starts_with(obj_description(c.oid, 'pg_class'), ${shared marker}))
            UNION ALL
            SELECT format(${action}, 'FUNCTION', p.oid::regprocedure)
            FROM pg_proc AS p WHERE p.pronamespace = ${schema}::regnamespace AND p.proowner = ${owner}::regrole
            AND (starts_with(obj_description(p.oid, 'pg_proc'), ${marker})
            OR starts_with(obj_description(p.oid, 'pg_proc'), ${shared marker}) OR p.proname IN (${shared}))
            LOOP EXECUTE statement; END LOOP; END""".replace('\n', ' ');

    /**
     * An object.
     *
     * @param kind in the syntax of ALTER
     * @param name quoted, with its schema
     */
    private record Found(String kind, String name) {}

    private record Owner(String role, boolean superuser) {}

    private final ObjectNames names;
    private final Map<String, Owner> owners = new TreeMap<>();
    private final Map<String, List<Found>> found = new TreeMap<>();

    ForeignOwners(ObjectNames names) {
        this.names = names;
    }

    void add(String kind, String name, String owner, boolean superuser) {
        owners.put(owner, new Owner(owner, superuser));
        found.computeIfAbsent(owner, any -> new ArrayList<>()).add(new Found(kind, name));
    }

    /**
     * A message for each role that owns objects.
     *
     * @param rightful the role that should own them
     */
    List<String> messages(String rightful) {
        return owners.values().stream()
                .map(owner -> message(owner, found.getOrDefault(owner.role(), List.of()), rightful))
                .toList();
    }

    private String message(Owner owner, List<Found> objects, String rightful) {
        boolean several = objects.size() > 1;
        String action = owner.superuser()
                ? "As a superuser run: " + alter(owner, objects, rightful) + " Or drop " + (several ? "them." : "it.")
                : "That role could run its own code with " + (several ? "them" : "it") + ". "
                        + (several ? "As a superuser run: " + drop(owner) : "Drop it.");
        return listed(objects) + (several ? " are" : " is") + " owned by "
                + (owner.superuser() ? "superuser " : "role ")
                + owner.role() + ", not by role " + rightful
                + ", which owns the connector's other objects or creates them. " + action;
    }

    private String listed(List<Found> objects) {
        String first = objects.stream().limit(NAMED).map(Found::name).collect(Collectors.joining(", "));
        int more = objects.size() - NAMED;
        return more <= 0 ? first : first + " and " + more + " more objects of connector " + names.connector();
    }

    private String alter(Owner owner, List<Found> objects, String rightful) {
        String to = " OWNER TO " + SqlText.identifier(rightful);
        return objects.size() == 1
                ? "ALTER " + objects.get(0).kind() + " " + objects.get(0).name() + to + ";"
                : all("ALTER %s %s" + to.replace("%", "%%"), owner);
    }

    /** With the triggers that call the functions. The connector creates everything again. */
    private String drop(Owner owner) {
        return all("DROP %s IF EXISTS %s CASCADE", owner);
    }

    private String all(String action, Owner owner) {
        String body = ALL.replace("${action}", SqlText.literal(action))
                .replace("${schema}", SqlText.literal(SqlText.identifier(names.schema())))
                .replace("${owner}", SqlText.literal(SqlText.identifier(owner.role())))
                .replace("${marker}", SqlText.literal(Marker.beginning(names.connector())))
                .replace("${shared marker}", SqlText.literal(Marker.beginning("")))
                .replace("${shared}", shared());
        return "DO " + SqlText.dollarQuoted(body) + ";";
    }

    /** The functions that all connectors of the schema share. */
    private static String shared() {
        return Stream.concat(Stream.of(UninstallFunction.NAME), BackfillFunction.NAMES.stream())
                .map(SqlText::literal)
                .collect(Collectors.joining(", "));
    }
}
