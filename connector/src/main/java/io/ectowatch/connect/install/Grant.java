package io.ectowatch.connect.install;

import io.ectowatch.connect.postgres.SqlText;

/**
 * A privilege that a role other than the owner has.
 *
 * @param privilege for example {@code INSERT}
 * @param grantee the role; empty for PUBLIC
 * @param superuser whether that role may do anything as it is
 */
record Grant(String privilege, String grantee, boolean superuser) {

    private static final String DATABASE_OWNER = "pg_database_owner";

    /** The grantee, as GRANT and REVOKE want it. */
    String to() {
        return grantee.isEmpty() ? "PUBLIC" : SqlText.identifier(grantee);
    }

    /** Whether it lets its grantee read and nothing else. */
    boolean reads() {
        return privilege.equals("SELECT") || privilege.equals("USAGE");
    }

    /** Whether nobody has to be warned of it: a database's owner has to read everything to dump it. */
    boolean harmless(Roles roles) {
        return superuser
                || grantee.equals(roles.connected())
                || reads() && (grantee.equals(DATABASE_OWNER) || grantee.equals(roles.databaseOwner()));
    }
}
