package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Whether a role that need not be trusted owns an object of {@link StatusObjects}, which people use. */
final class StatusCheck {

    private record Owned(String kind, String name, String owner, boolean bySuperuser) {}

    private StatusCheck() {}

    /**
     * Checks all of them.
     *
     * @param owner the role that owns the connector's other objects
     * @param tables the OIDs of the watched tables
     * @param refuse takes what is wrong, for people
     */
    static void run(
            Connection connection,
            ObjectNames names,
            Roles roles,
            SchemaContents present,
            String owner,
            Collection<Long> tables,
            Consumer<String> refuse)
            throws SQLException {
        List<Owned> all = new ArrayList<>();
        SchemaContents.OtherRelation view = present.others().get(StatusObjects.VIEW);
        if (view != null && StatusObjects.isShared(view.marker())) {
            all.add(new Owned(
                    "VIEW",
                    SqlText.identifier(names.schema(), StatusObjects.VIEW),
                    view.owner(),
                    view.ownedBySuperuser()));
        }
        present.functions().stream()
                .filter(function -> StatusObjects.FUNCTIONS.containsKey(function.name()))
                .filter(function -> StatusObjects.isShared(function.marker()))
                .forEach(function -> all.add(new Owned(
                        "FUNCTION",
                        SqlText.identifier(names.schema(), function.name()) + "(" + function.arguments() + ")",
                        function.owner(),
                        function.ownedBySuperuser())));
        for (Owned one : all) {
            if (!one.owner().equals(owner) && !roles.trust(connection, one.owner(), one.bySuperuser(), tables)) {
                refuse.accept(one.name() + " is owned by role " + one.owner() + ", not by role " + owner
                        + ", which owns the connector's other objects or creates them. That role could run its code"
                        + " with the rights of every role that uses it. Drop it, or as a superuser run: ALTER "
                        + one.kind() + " " + one.name() + " OWNER TO " + SqlText.identifier(owner) + ";");
            }
        }
    }
}
