package io.ectowatch.connect.record;

import io.ectowatch.connect.watch.WatchedTable;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * The source of a task's changes. All calls come from the task's thread, except {@link #acknowledged} and
 * {@link #committed}.
 */
public interface ChangeSource extends AutoCloseable {

    /** Starts to connect in its own thread; returns at once. */
    void start();

    /**
     * Waits until every trigger is installed and changes are being received. On timeout it logs what is missing and
     * returns; the source keeps trying.
     *
     * @param atMostMs how long to wait, in milliseconds
     * @throws ConnectException when only the operator can fix the cause
     */
    void awaitWatching(long atMostMs);

    /**
     * The next changes, in commit order.
     *
     * @param atMost the maximum number of changes
     * @param waitMs how long to wait for the first one, in milliseconds
     * @return the changes; may be empty
     * @throws ConnectException when only the operator can fix the cause
     */
    List<Delivery> poll(int atMost, long waitMs) throws InterruptedException;

    /**
     * The heartbeat that comes before the result of the last {@link #poll}, or null. Its record counts among those of the
     * poll.
     */
    @Nullable
    Heartbeat heartbeat();

    /** Whether changes of more than one read waited at the last {@link #poll}, or more than it returned. */
    boolean behind();

    /** From now on, polls end where transactions of the database end, if possible: see {@link #transactionsEnd}. */
    default void keepTransactionsWhole() {}

    /**
     * After how many of the changes of the last {@link #poll} each transaction of the database is complete: it has no change
     * before that place and another one after it. Returns the last such place: 0 is before the first change, and -1 means that
     * each place divides a transaction.
     */
    default int transactionsEnd() {
        return -1;
    }

    /** Records how many records were made from the result of the last {@link #poll}. */
    void handedOver(int records);

    /** Records that Kafka has acknowledged a record with that offset. */
    void acknowledged(@Nullable Map<String, ?> offset);

    /**
     * Records that the worker commits in transactions, on the task's thread.
     *
     * @param eachPoll whether every poll whose records are not all dropped becomes a transaction
     */
    void transactional(boolean eachPoll);

    /** Records that Connect has committed offsets, on another thread than the task's. */
    void committed();

    /**
     * Records that Connect has committed on the task's thread. A worker with exactly-once does so between two polls, even
     * with nothing to commit, and an ordinary one once, after the last poll.
     *
     * @param eachPoll as for {@link #transactional}
     */
    void committedBetweenPolls(boolean eachPoll);

    /** Records that a resync of the table is published in the place of one of its changes. */
    void resyncPublished(WatchedTable table);

    /** All tables whose changes may follow; an unchanged table is always the same object. */
    Collection<WatchedTable> tablesInUse();

    /** The memory of waiting changes, in bytes. */
    long queuedBytes();

    /** Whether every trigger is installed, and changes are being received. */
    boolean settled();

    /** Closes the connections; returns within seconds, even when the network is dead. */
    @Override
    void close();
}
