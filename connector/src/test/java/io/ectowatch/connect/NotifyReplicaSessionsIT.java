package io.ectowatch.connect;

/** As {@link ReplicaSessions}, by way of notifications. */
class NotifyReplicaSessionsIT extends ReplicaSessions {

    @Override
    String delivery() {
        return "notify";
    }
}
