package io.ectowatch.connect;

class DurableMigrationsIT extends Migrations {

    @Override
    String delivery() {
        return "durable";
    }
}
