package io.ectowatch.connect;

/** As {@link ReplicaSessions}, by way of the journal. */
class DurableReplicaSessionsIT extends ReplicaSessions {

    @Override
    String delivery() {
        return "durable";
    }
}
