package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.backfill.Backfills;
import io.ectowatch.connect.backfill.ChunkSession;
import io.ectowatch.connect.backfill.ReadAccess;
import io.ectowatch.connect.config.TopicFormat;
import io.ectowatch.connect.journal.maintenance.JournalMaintenance;
import io.ectowatch.connect.journal.state.JournalPosition;
import io.ectowatch.connect.journal.state.JournalSession;
import io.ectowatch.connect.journal.state.JournalTables;
import io.ectowatch.connect.journal.state.OwnerFence;
import io.ectowatch.connect.postgres.SessionLoop;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.watch.AbsentTables;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For how much of the log's flush the reader waits, on a server that flushes it only when somebody asks for it. */
class FlushIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");
    private static final String FLUSHED = "SELECT (pg_current_wal_flush_lsn() - '0/0')::int8";

    @TempDir
    Path directory;

    private final PageQueue queue = new PageQueue();
    private OwnServer server;
    private Connection reading;
    private Statement writer;
    private JournalFetcher drain;

    @BeforeEach
    void aReaderThatReadsOnRequest() throws Exception {
        server = OwnServer.start(directory.resolve("data"), "wal_writer_delay = 10s");
        server.execute("CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE other (n int)");
        Map<String, ?> nowhere = null;
        try (Watching watching =
                Watching.begin(nowhere, "connection.url=" + server.url(), "connection.user=postgres", "tables=users")) {
            watching.awaitInstalled();
        }
        reading = server.connect();
        JournalSession session = new JournalSession(reading, NAMES);
        session.settle();
        OwnerFence fence = new OwnerFence(NAMES);
        fence.claim(reading);
        JournalTables tables = new JournalTables(reading, NAMES, fence, true);
        SessionLoop loop = new SessionLoop("not started", () -> {});
        drain = new JournalFetcher(
                loop,
                queue,
                reading,
                NAMES,
                fence,
                tables,
                new JournalMaintenance(reading, NAMES, fence, tables, 60_000, 1L << 30),
                JournalPosition.beginning(session.history(), 0),
                () -> {},
                rows -> {},
                new BackfillRunner(
                        new ChunkSession(null, NAMES, ReadAccess.OWN, loop),
                        new KnownLayouts(
                                NAMES, List::of, new AbsentTables(List.of(), new TopicFormat("p", "${table}"))),
                        table -> true,
                        new BackfillStart(Set.of(), Backfills.NONE, true)),
                new Heartbeats(0));
        writer = server.connect().createStatement();
        server.connect().createStatement().execute("BEGIN; INSERT INTO other VALUES (0)");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void synchronousCommitsArePublishedWithoutWaitingForWhatOthersWrite() throws Exception {
        manySynchronous();
        writer.execute("INSERT INTO users VALUES (2000)");
        long flushed = flushedBehind();
        assertThat(handedOn()).isEqualTo("[2000]");
        assertThat(server.text(FLUSHED)).isEqualTo(Long.toString(flushed));
    }

    @Test
    void anAsynchronousCommitIsPublishedOnceItIsFlushed() throws Exception {
        manySynchronous();
        writer.execute("SET synchronous_commit = off");
        writer.execute("INSERT INTO users VALUES (2000)");
        long written = written();
        assertThat(flushedBehind()).isLessThan(written);
        assertThat(handedOn()).isEqualTo("[2000]");
        assertThat(Long.parseLong(server.text(FLUSHED))).isGreaterThanOrEqualTo(written);
    }

    @Test
    void afterAnAsynchronousCommitAnotherMayFollow() throws Exception {
        manySynchronous();
        server.execute("SET synchronous_commit = off; INSERT INTO users VALUES (2000)");
        handedOn();
        writer.execute("INSERT INTO users VALUES (2001)");
        long flushed = flushedBehind();
        assertThat(handedOn()).isEqualTo("[2001]");
        assertThat(Long.parseLong(server.text(FLUSHED))).isGreaterThan(flushed);
    }

    @Test
    void inASessionThatHasSeenLittleTheNextCommitMayBeAsynchronous() throws Exception {
        writer.execute("INSERT INTO users VALUES (2000)");
        long flushed = flushedBehind();
        assertThat(handedOn()).isEqualTo("[2000]");
        assertThat(Long.parseLong(server.text(FLUSHED))).isGreaterThan(flushed);
    }

    private long written() throws Exception {
        return Long.parseLong(server.text("SELECT (pg_current_wal_insert_lsn() - '0/0')::int8"));
    }

    /** Has another transaction write, and stay open; returns how far the log is flushed, which is less than is written. */
    private long flushedBehind() throws Exception {
        server.connect().createStatement().execute("BEGIN; INSERT INTO other VALUES (1)");
        long flushed = Long.parseLong(server.text(FLUSHED));
        assertThat(written()).isGreaterThan(flushed);
        return flushed;
    }

    /** Enough for the reader to be sure of what follows. */
    private void manySynchronous() throws Exception {
        writer.execute("DO $$ BEGIN FOR id IN 1.." + AsynchronousCommits.ROWS
                + " LOOP INSERT INTO users VALUES (id); END LOOP; END $$");
        while (drain.look()) {
            queue.take(0);
        }
    }

    /** The body of the one row that a look finds. */
    private String handedOn() throws Exception {
        assertThat(drain.look()).isTrue();
        JournalPage.Rows page = (JournalPage.Rows) queue.take(0);
        assertThat(page.rows()).hasSize(1);
        return page.rows().get(0).body();
    }
}
