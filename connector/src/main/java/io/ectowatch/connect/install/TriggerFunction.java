package io.ectowatch.connect.install;

/** Writes the functions that the triggers of one table call. */
interface TriggerFunction {

    /** The body alone, as {@code pg_proc.prosrc} keeps it. */
    String body(Operation operation);

    /** The whole {@code CREATE OR REPLACE FUNCTION}. */
    String create(Operation operation);

    /** A name in a comment must not end it. */
    static String oneLine(String text) {
        return text.replaceAll("\\R", " ");
    }
}
