package io.ectowatch.connect.install.objects;

import io.ectowatch.connect.postgres.SqlText;

/**
 * A privilege of a role other than the owner.
 *
 * @param privilege for example {@code INSERT}
 * @param grantee the role; empty for PUBLIC
 * @param superuser whether that role is a superuser
 */
record Grant(String privilege, String grantee, boolean superuser) {

    private static final String DATABASE_OWNER = "pg_database_owner";

    /** The grantee, in the syntax of GRANT and REVOKE. */
    String to() {
        return grantee.isEmpty() ? "PUBLIC" : SqlText.identifier(grantee);
    }

    /** Whether it only allows to read. */
    boolean reads() {
        return privilege.equals("SELECT") || privilege.equals("USAGE");
    }

    /** Whether it needs no warning: a database's owner has to read everything to dump it. */
    boolean harmless(Roles roles) {
        return superuser
                || grantee.equals(roles.connected())
                || reads() && (grantee.equals(DATABASE_OWNER) || grantee.equals(roles.databaseOwner()));
    }
}
