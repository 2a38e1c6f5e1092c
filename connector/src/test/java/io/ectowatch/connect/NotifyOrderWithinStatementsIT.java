package io.ectowatch.connect;

/** As {@link OrderWithinStatements}, by notifications. */
class NotifyOrderWithinStatementsIT extends OrderWithinStatements {

    @Override
    String delivery() {
        return "notify";
    }
}
