package io.ectowatch.connect.metrics;

/** Why a {@code resync} was published. */
public enum ResyncCause {
    /** Changes of all tables may have been lost, or belong to another history of the database. */
    LOSS("lost or possibly lost changes"),
    /** Triggers were missing or changed, or the table's rows changed without a trigger. */
    TABLE("changes of a table that no trigger has captured"),
    /** A change could not be read. */
    UNREADABLE("changes that could not be read"),
    /** No record that Kafka accepts could be made of a change. */
    UNPUBLISHABLE("changes of which no record could be made"),
    /** In notify delivery: no task was listening. */
    NOT_LISTENING("the time while no session was listening");

    private final String description;

    ResyncCause(String description) {
        this.description = description;
    }

    String metric() {
        return "resyncs-" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + "-total";
    }

    String description() {
        return "Resyncs published because of " + description + ".";
    }
}
