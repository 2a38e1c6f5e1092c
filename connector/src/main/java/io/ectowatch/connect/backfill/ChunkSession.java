package io.ectowatch.connect.backfill;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.postgres.Connections;
import io.ectowatch.connect.postgres.Failure;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.watch.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session that reads chunks, open only while there is a backfill. If it is lost, the next one continues. */
public final class ChunkSession {

    private static final Logger log = LoggerFactory.getLogger(ChunkSession.class);

    private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LOST_NS = TimeUnit.SECONDS.toNanos(5);

    private final Connections connections;
    private final ObjectNames names;
    private final ReadAccess access;
    private final SessionLoop loop;
    private @Nullable Connection connection;
    private @Nullable ChunkReader reader;
    private long notBefore = System.nanoTime();
    /** Tables that were locked, and until when others are read first. */
    private final Map<TableName, Long> locked = new HashMap<>();

    /**
     * The result of one read: the next rows, or a problem. Both are null if the rows cannot be read yet.
     *
     * @param chunk the rows
     * @param problem why the backfill cannot continue
     */
    public record Result(@Nullable Chunk chunk, @Nullable String problem) {
        static final Result LATER = new Result(null, null);
    }

    /**
     * @param access how the rows are read
     * @param loop may abort the session at any time
     */
    public ChunkSession(Connections connections, ObjectNames names, ReadAccess access, SessionLoop loop) {
        this.connections = connections;
        this.names = names;
        this.access = access;
        this.loop = loop;
    }

    /** Whether its table was locked a moment ago, so that other tables are read first. */
    public boolean waits(Backfill backfill) {
        Long until = locked.get(backfill.table());
        return until != null && System.nanoTime() - until < 0;
    }

    /** Reads the next rows of a table. */
    public Result next(Backfill backfill, WatchedTable table, ChunkLimits limits) {
        if (System.nanoTime() - notBefore < 0 || waits(backfill)) {
            return Result.LATER;
        }
        try {
            ChunkReader open = reader;
            if (open == null) {
                Connection fresh = loop.abortable(connections.open());
                connection = fresh;
                open = new ChunkReader(fresh, names, access);
                reader = open;
            }
            Chunk chunk = open.next(backfill, table, limits);
            if (chunk == null) {
                locked.put(backfill.table(), System.nanoTime() + AGAIN_NS);
            } else {
                locked.remove(backfill.table());
            }
            return new Result(chunk, null);
        } catch (SQLException e) {
            close();
            notBefore = System.nanoTime() + LOST_NS;
            if (!loop.isStopping()) {
                log.warn(
                        "The session that reads rows of {} for backfill {} was lost: {} Trying again in {} s.",
                        backfill.table(),
                        backfill.id(),
                        Failure.of(e).message(),
                        TimeUnit.NANOSECONDS.toSeconds(LOST_NS));
            }
            return Result.LATER;
        } catch (BackfillFailedException e) {
            return new Result(null, e.getMessage());
        }
    }

    /** Ends the session, if there is one. */
    public void close() {
        if (connection != null) {
            loop.release(connection);
        }
        connection = null;
        reader = null;
    }
}
