package io.ectowatch.connect;

/** As {@link OrderWithinStatements}, by way of the journal. */
class DurableOrderWithinStatementsIT extends OrderWithinStatements {

    @Override
    String delivery() {
        return "durable";
    }
}
