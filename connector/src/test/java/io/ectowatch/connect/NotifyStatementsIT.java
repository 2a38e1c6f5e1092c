package io.ectowatch.connect;

/** As {@link Statements}, by notifications. */
class NotifyStatementsIT extends Statements {

    @Override
    String delivery() {
        return "notify";
    }
}
