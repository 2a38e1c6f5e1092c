package io.ectowatch.connect.record;

import io.ectowatch.connect.catalog.WatchedTable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Where a task takes its changes from. All calls come from the task's thread, except {@link #acknowledged} and
 * {@link #committed}.
 */
public interface ChangeSource extends AutoCloseable {

    /** Begins to connect, in a thread of its own; returns at once. */
    void start();

    /**
     * Waits until every trigger is in place and changes are being received. When the time is over, it logs what is missing
     * and returns: the source goes on trying.
     *
     * @param atMostMs how long to wait, in milliseconds
     * @throws ConnectException when only the operator can mend what is wrong
     */
    void awaitWatching(long atMostMs);

    /**
     * The next changes, in the order of their commits.
     *
     * @param atMost how many to return
     * @param waitMs how long to wait for the first one, in milliseconds
     * @return the changes; empty when there are none
     * @throws ConnectException when only the operator can mend what is wrong
     */
    List<Delivery> poll(int atMost, long waitMs) throws InterruptedException;

    /** Says that what the last {@link #poll} returned has become so many records. */
    void handedOver(int records);

    /** Says that Kafka has taken a record with that offset. */
    void acknowledged(Map<String, ?> offset);

    /**
     * Says that the worker commits in transactions, on the task's thread.
     *
     * @param eachPoll whether every poll whose records are not all dropped becomes a transaction
     */
    void transactional(boolean eachPoll);

    /** Says that Connect has committed offsets, on another thread than the task's. */
    void committed();

    /**
     * Says that Connect has committed on the task's thread. A worker with exactly-once does so between two polls, also if it
     * had nothing to commit, and an ordinary one once, after the last poll.
     *
     * @param eachPoll as for {@link #transactional}
     */
    void committedBetweenPolls(boolean eachPoll);

    /** All tables that changes can be of from now on; a table that has not changed is always the same object. */
    Collection<WatchedTable> tablesInUse();

    /** The memory that waiting changes take, in bytes. */
    long queuedBytes();

    /** Whether every trigger is in place, and changes are being received. */
    boolean settled();

    /** Ends the connections; returns within seconds, also when the network is dead. */
    @Override
    void close();
}
