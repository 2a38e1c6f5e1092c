package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;

/** Checks the published changes of a table {@code users}. */
public final class PublishedChanges {

    private PublishedChanges() {}

    /** Exactly these are published, in this order, before a change that follows them. */
    public static void exactly(TestDatabase database, Watching watching, String... expected) throws Exception {
        watching.changes(expected.length);
        database.execute("INSERT INTO users VALUES (999999)");
        watching.changes(expected.length + 1);
        assertThat(watching.published().subList(0, expected.length)).containsExactly(expected);
        assertThat(watching.published()).hasSize(expected.length + 1).endsWith("public.users inserted [999999]");
    }
}
