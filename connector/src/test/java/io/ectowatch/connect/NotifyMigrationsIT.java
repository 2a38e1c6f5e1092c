package io.ectowatch.connect;

class NotifyMigrationsIT extends Migrations {

    @Override
    String delivery() {
        return "notify";
    }
}
