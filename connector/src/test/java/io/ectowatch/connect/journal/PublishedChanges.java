package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.TestDatabase;
import io.ectowatch.connect.testing.Watching;

/** That a table {@code users} was told of, and of it nothing else. */
public final class PublishedChanges {

    private PublishedChanges() {}

    /** That, in that order, and nothing else before a change that comes after it. */
    public static void exactly(TestDatabase database, Watching watching, String... expected) throws Exception {
        watching.changes(expected.length);
        database.execute("INSERT INTO users VALUES (999999)");
        watching.changes(expected.length + 1);
        assertThat(watching.told().subList(0, expected.length)).containsExactly(expected);
        assertThat(watching.told()).hasSize(expected.length + 1).endsWith("public.users inserted [999999]");
    }
}
