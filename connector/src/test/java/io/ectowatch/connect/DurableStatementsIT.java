package io.ectowatch.connect;

/** As {@link Statements}, by way of the journal. */
class DurableStatementsIT extends Statements {

    @Override
    String delivery() {
        return "durable";
    }
}
