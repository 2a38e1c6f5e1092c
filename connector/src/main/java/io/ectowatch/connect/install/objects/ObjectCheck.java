package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.config.DeliveryFragment;
import io.ectowatch.connect.config.InstallMode;
import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.install.objects.SchemaContents.PresentFunction;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.Marker;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the objects in {@code database.schema} that have the names of the connector's objects with what the
 * connector creates. A role that may create objects in this database could have created one of them first, so that
 * its code runs with the rights of the connector or of the writers. Reads catalogs only, and so runs no code of these
 * objects.
 */
final class ObjectCheck {

    private static final Logger log = LoggerFactory.getLogger(ObjectCheck.class);

    /** Warnings that were logged, so that they are not repeated each time the catalog is read. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private static final String OTHERWISE = " Or choose another database.schema.";

    private final ObjectNames names;
    private final Roles roles;
    private final SchemaContents present;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<String> mending = new ArrayList<>();
    private final List<Long> tables;
    private final Connection connection;
    private final InstallMode mode;
    private final ForeignOwners foreignOwners;
    /** What others may change or read: for each grantee the privileges, each with the statement that revokes it. */
    private final Map<String, Map<String, String>> strangers = new TreeMap<>();

    private final Map<String, Map<String, String>> readers = new TreeMap<>();
    /** The role that must own everything. */
    private String owner;

    private ObjectCheck(
            Connection connection,
            ObjectNames names,
            Roles roles,
            SchemaContents present,
            List<WatchedTable> tables,
            InstallMode mode) {
        this.mode = mode;
        this.connection = connection;
        this.names = names;
        this.foreignOwners = new ForeignOwners(names);
        this.roles = roles;
        this.owner = roles.connected();
        this.present = present;
        this.tables = tables.stream().map(table -> table.shape().oid()).toList();
    }

    /**
     * Checks all existing objects.
     *
     * @param relations the tables and sequences that are needed
     * @param functions the functions that are needed, with the types of their arguments
     * @param mode who installs them
     */
    static ObjectCheck read(
            Connection connection,
            ObjectNames names,
            SchemaContents present,
            List<PersistentRelation> relations,
            Map<String, String> functions,
            List<WatchedTable> tables,
            InstallMode mode)
            throws SQLException {
        ObjectCheck check = new ObjectCheck(connection, names, Roles.read(connection), present, tables, mode);
        if (present.exists()) {
            Map<String, RelationFacts> found = new TreeMap<>(RelationFacts.read(
                    connection,
                    names.schema(),
                    relations.stream().map(PersistentRelation::name).toList()));
            check.findOwner(functions, found);
            check.checkSchema();
            for (PersistentRelation relation : relations) {
                RelationFacts facts = found.get(relation.name());
                if (facts != null) {
                    check.check(relation, facts);
                }
            }
            for (PresentFunction function : present.functions()) {
                check.check(function, functions);
            }
            StatusCheck.run(connection, names, check.roles, present, check.owner, check.tables, check.foreignOwners);
            check.foreignOwners.messages(check.owner).forEach(message -> check.refuse(message + OTHERWISE));
            check.reportGrants();
        }
        return check;
    }

    /** The objects that the connector must not use, each with what to do about it. */
    List<ConfigProblem> problems() {
        return problems;
    }

    /** The statements that give the connector's own tables their required settings. */
    List<String> mending() {
        return problems.isEmpty() ? mending : List.of();
    }

    /** With apply it is the connector's role. With verify one other role owns all objects. */
    private void findOwner(Map<String, String> functions, Map<String, RelationFacts> found) throws SQLException {
        if (mode == InstallMode.APPLY) {
            return;
        }
        Optional<PresentFunction> first = present.functions().stream()
                .filter(function -> !BaseObjectSql.isShared(function.name())
                        && functions.containsKey(function.name())
                        && isOurs(function.marker()))
                .findFirst();
        Optional<RelationFacts> firstRelation = found.values().stream().findFirst();
        boolean superuser;
        if (first.isPresent()) {
            owner = first.get().owner();
            superuser = first.get().ownedBySuperuser();
        } else if (firstRelation.isPresent()) {
            owner = firstRelation.get().owner();
            superuser = firstRelation.get().ownedBySuperuser();
        } else {
            return;
        }
        if (!roles.trust(connection, owner, superuser, tables)) {
            refuse("The objects of connector " + names.connector() + " in schema " + names.schema()
                    + " are owned by role " + owner + ", which is "
                    + (roles.superuser()
                            ? "not a superuser, but the connector connects as one. So that role could run its code as"
                                    + " superuser. Let the connector connect as another role, or let a superuser"
                                    + " create the objects."
                            : "neither a superuser nor the database's owner, and may not create triggers on all watched"
                                    + " tables. So that role could run its code in every writer's session. Drop the"
                                    + " objects, and let a role create them that may create triggers on the watched"
                                    + " tables."));
        }
    }

    private void checkSchema() throws SQLException {
        String schema = SqlText.identifier(names.schema());
        boolean trusted = present.owner().equals(owner) && !roles.superuser()
                || roles.trust(connection, present.owner(), present.ownedBySuperuser(), tables);
        if (!trusted) {
            refuse("Schema " + names.schema() + " is owned by role " + present.owner()
                    + ", which could replace the objects in"
                    + " it" + (roles.superuser() ? " and so run its code as superuser" : "")
                    + ". As a superuser run:"
                    + " ALTER SCHEMA " + schema + " OWNER TO " + SqlText.identifier(owner) + ";" + OTHERWISE);
        }
        for (Grant grant : present.grants()) {
            if (!grant.privilege().equals("CREATE")
                    || grant.superuser()
                    || grant.grantee().equals(roles.connected())
                    || grant.grantee().equals(owner)) {
                continue;
            }
            String who = grant.grantee().isEmpty() ? "Every role" : "Role " + grant.grantee();
            if (present.shared()) {
                refuse(who + " may create objects in schema " + names.schema()
                        + ", and so could block the connector's objects. Run: REVOKE CREATE ON SCHEMA " + schema
                        + " FROM "
                        + grant.to() + ";");
            } else {
                warn(who + " may create objects in schema " + names.schema() + ", which no connector created. An"
                        + " object with the name of an object of connector " + names.connector() + " would prevent the"
                        + " connector from starting. A separate schema is safer: see database.schema.");
            }
        }
    }

    private void check(PersistentRelation wanted, RelationFacts found) {
        String name = SqlText.identifier(names.schema(), wanted.name());
        if (!found.owner().equals(owner)) {
            foreignOwners.add(wanted.kind(), name, found.owner(), found.ownedBySuperuser());
            return;
        }
        if (!present.relations().getOrDefault(wanted.name(), Optional.empty()).equals(marker())) {
            refuse(name + " already exists, but its comment does not mark it as an object of connector "
                    + names.connector() + ". Rename it, or choose another schema.");
            return;
        }
        List<String> differences = new ArrayList<>();
        Set<String> unexpected = new TreeSet<>(found.facts());
        wanted.facts().forEach(unexpected::remove);
        unexpected.forEach(fact -> differences.add("unexpected: " + fact));
        wanted.facts().stream()
                .filter(fact -> !found.facts().contains(fact))
                .forEach(fact -> differences.add("missing: " + fact));
        if (!differences.isEmpty()) {
            refuse(name + " was changed: " + String.join(", ", differences)
                    + ". If a restore is running, restart the connector's task when it has ended. Otherwise undo the"
                    + " change. If you cannot, stop the connector and uninstall it (reset its offsets, or"
                    + " call "
                    + SqlText.identifier(names.schema(), UninstallFunction.NAME) + "); when it starts it creates"
                    + " everything again.");
        }
        if (mode != InstallMode.PRINT) {
            // The role that prints may differ from the role as which the connector will connect.
            checkGrants(wanted, found, name);
        }
        if (differences.isEmpty()) {
            mending.addAll(wanted.mend(names, found));
        }
    }

    private void checkGrants(PersistentRelation wanted, RelationFacts found, String name) {
        Map<String, List<Grant>> byGrantee = found.grants().stream()
                .filter(grant -> !grant.harmless(roles))
                .collect(Collectors.groupingBy(Grant::to, TreeMap::new, Collectors.toList()));
        byGrantee.forEach((grantee, grants) -> {
            String privileges =
                    grants.stream().map(Grant::privilege).distinct().sorted().collect(Collectors.joining(", ")) + " on "
                            + name;
            String revoke = "REVOKE ALL ON " + wanted.kind() + " " + name + " FROM " + grantee + ";";
            (grants.stream().allMatch(Grant::reads) ? readers : strangers)
                    .computeIfAbsent(grantee, any -> new TreeMap<>())
                    .put(privileges, revoke);
        });
    }

    private void reportGrants() {
        strangers.forEach((grantee, grants) -> refuse(grantee + " has " + String.join("; ", grants.keySet())
                + ". Only the owner and the connector may have such privileges. Run: "
                + String.join(" ", grants.values())));
        readers.forEach((grantee, grants) -> warn(grantee + " has " + String.join("; ", grants.keySet())
                + " and so can read keys and extra columns of watched tables. If you do not want that, run: "
                + String.join(" ", grants.values())));
    }

    private void check(PresentFunction function, Map<String, String> wanted) throws SQLException {
        boolean named = wanted.containsKey(function.name());
        if (!named && (!isOurs(function.marker()) || function.arguments().equals(ObjectNames.READ_ARGUMENTS))) {
            return; // a function that reads a table for backfills: the owner of the table owns it
        }
        String name = SqlText.identifier(names.schema(), function.name()) + "(" + function.arguments() + ")";
        boolean shared = BaseObjectSql.isShared(function.name());
        boolean trusted = function.owner().equals(owner)
                // Connectors share it, and people call it.
                || shared && roles.trust(connection, function.owner(), function.ownedBySuperuser(), tables);
        if (!trusted) {
            foreignOwners.add("FUNCTION", name, function.owner(), function.ownedBySuperuser());
        } else if (named && !shared && !function.arguments().equals(wanted.get(function.name()))) {
            refuse("Function " + name
                    + " already exists, but the connector needs one of that name with other arguments. Rename it."
                    + OTHERWISE);
        }
    }

    private boolean isOurs(Optional<Marker> marker) {
        return marker.filter(found -> found.connector().equals(names.connector()))
                .isPresent();
    }

    private Optional<Marker> marker() {
        return Optional.of(Marker.of(names.connector()));
    }

    private void refuse(String message) {
        problems.add(new ConfigProblem(DeliveryFragment.SCHEMA_CONFIG, message));
    }

    private void warn(String message) {
        if (WARNED.add(names.connector() + ": " + message)) {
            log.warn("{} (connector {})", message, names.connector());
        }
    }
}
