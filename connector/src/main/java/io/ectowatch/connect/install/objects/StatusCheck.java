package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Whether a role that need not be trusted owns an object of {@link StatusObjects}, which people use. */
final class StatusCheck {

    private StatusCheck() {}

    /**
     * Checks all of them.
     *
     * @param owner the role that owns the connector's other objects
     * @param tables the OIDs of the watched tables
     * @param foreign takes those that another role owns
     */
    static void run(
            Connection connection,
            ObjectNames names,
            Roles roles,
            SchemaContents present,
            String owner,
            Collection<Long> tables,
            ForeignOwners foreign)
            throws SQLException {
        SchemaContents.OtherRelation view = present.others().get(StatusObjects.VIEW);
        if (view != null
                && StatusObjects.isShared(view.marker())
                && !isTrusted(connection, roles, owner, tables, view.owner(), view.ownedBySuperuser())) {
            String name = SqlText.identifier(names.schema(), StatusObjects.VIEW);
            foreign.add("VIEW", name, view.owner(), view.ownedBySuperuser());
        }
        for (SchemaContents.PresentFunction function : present.functions()) {
            if (StatusObjects.FUNCTIONS.containsKey(function.name())
                    && StatusObjects.isShared(function.marker())
                    && !isTrusted(connection, roles, owner, tables, function.owner(), function.ownedBySuperuser())) {
                String name = SqlText.identifier(names.schema(), function.name()) + "(" + function.arguments() + ")";
                foreign.add("FUNCTION", name, function.owner(), function.ownedBySuperuser());
            }
        }
    }

    /** They run with the rights of every role that uses them. */
    private static boolean isTrusted(
            Connection connection, Roles roles, String owner, Collection<Long> tables, String role, boolean superuser)
            throws SQLException {
        return role.equals(owner) || roles.trust(connection, role, superuser, tables);
    }
}
