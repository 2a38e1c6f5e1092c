package io.ectowatch.connect.journal.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.backfill.Backfill.Cause;
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
import io.ectowatch.connect.postgres.XidSnapshot;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.testing.OwnServer;
import io.ectowatch.connect.testing.Watching;
import io.ectowatch.connect.watch.AbsentTables;
import io.ectowatch.connect.watch.WatchedTable;
import io.ectowatch.connect.wiring.Components;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With which reads of the journal a backfill reads a chunk. The server flushes its log only when somebody requests it. */
class ChunkCutsIT {

    private static final ObjectNames NAMES = new ObjectNames("shop", "ectowatch");
    private static final Map<String, ?> NOWHERE = null;

    @TempDir
    Path directory;

    private final PageQueue queue = new PageQueue();
    private OwnServer server;
    private Connection reading;
    private ChunkSession chunks;
    private JournalFetcher fetcher;

    @BeforeEach
    void aBackfillThatReadsOnRequest() throws Exception {
        server = OwnServer.start(directory.resolve("data"), "wal_writer_delay = 10s");
        server.execute(
                "CREATE TABLE users (id int PRIMARY KEY, n int)",
                "CREATE TABLE other (n int)",
                "INSERT INTO users SELECT n, 0 FROM generate_series(1, 100000) AS n",
                "VACUUM (FREEZE, ANALYZE) users");
        String[] settings = {"connection.url=" + server.url(), "connection.user=postgres", "tables=users"};
        WatchedTable table;
        try (Watching watching = Watching.begin(NOWHERE, settings)) {
            watching.awaitInstalled();
            server.execute("UPDATE users SET n = 1 WHERE id = 1");
            table = watching.takeOne().table();
        }
        reading = server.connect();
        JournalSession session = new JournalSession(reading, NAMES);
        session.settle();
        OwnerFence fence = new OwnerFence(NAMES);
        fence.claim(reading);
        JournalTables tables = new JournalTables(reading, NAMES, fence, true);
        SessionLoop loop = new SessionLoop("not started", () -> {});
        KnownLayouts layouts = new KnownLayouts(
                NAMES, () -> List.of(table), new AbsentTables(List.of(), new TopicFormat("p", "${table}")));
        layouts.learn(reading);
        chunks = new ChunkSession(Components.connections(Watching.config(settings)), NAMES, ReadAccess.OWN, loop);
        fetcher = new JournalFetcher(
                loop,
                queue,
                reading,
                NAMES,
                fence,
                tables,
                new JournalMaintenance(reading, NAMES, fence, tables, 60_000, 1L << 30),
                afterWhatIsThere(session),
                () -> {},
                rows -> layouts.learnThoseOf(rows, reading),
                new BackfillRunner(
                        chunks,
                        layouts,
                        watched -> true,
                        new BackfillStart(Set.of(), Backfills.NONE.plusAll(List.of(table), Cause.NEW), false)),
                new Heartbeats(0));
    }

    /** The journal already has a change, which would count as one beside the backfill. */
    private JournalPosition afterWhatIsThere(JournalSession session) throws Exception {
        XidSnapshot now = XidSnapshot.parse(server.text("SELECT pg_current_snapshot()"));
        return new JournalPosition(session.history(), now, now, 0, 0, 0, 0);
    }

    @AfterEach
    void stop() {
        chunks.close();
        server.close();
    }

    /** The pages that one read puts into the queue. */
    private List<JournalPage> read() throws Exception {
        fetcher.look();
        List<JournalPage> pages = new ArrayList<>();
        for (JournalPage page = queue.take(0); page != null; page = queue.take(0)) {
            pages.add(page);
        }
        return pages;
    }

    private static long chunks(List<JournalPage> pages) {
        return pages.stream().filter(JournalPage.Read.class::isInstance).count();
    }

    @Test
    void eachReadOfACalmJournalReadsOneChunk() throws Exception {
        for (int look = 1; look <= 5; look++) {
            assertThat(chunks(read())).as("read " + look).isEqualTo(1);
        }
    }

    /** Each statement is a row of the journal. */
    @Test
    void underLoadTheJournalGoesFirstButOneReadInFourReadsAChunk() throws Exception {
        read();
        StringBuilder found = new StringBuilder();
        for (int look = 1; look <= 14; look++) {
            server.execute("DO $$BEGIN FOR i IN 1..600 LOOP UPDATE users SET n = i WHERE id = i; END LOOP; END$$");
            List<JournalPage> pages = read();
            assertThat(pages.get(0)).isInstanceOfSatisfying(JournalPage.Rows.class, page -> assertThat(page.rows())
                    .hasSizeGreaterThanOrEqualTo(600));
            found.append(chunks(pages));
        }
        assertThat(found.substring(1)).matches("(0001)*0{0,3}").contains("1");
    }

    /** Otherwise a change that is committed while a chunk is read would wait for the next one, too. */
    @Test
    void whileChangesComeTheJournalIsReadAloneBetweenTwoChunks() throws Exception {
        read();
        server.execute("UPDATE users SET n = 1 WHERE id = 1");
        assertThat(chunks(read())).isEqualTo(1);
        StringBuilder found = new StringBuilder();
        for (int look = 1; look <= 8; look++) {
            server.execute("UPDATE users SET n = 1 WHERE id = 1");
            found.append(chunks(read()));
        }
        assertThat(found).contains("0").contains("1");
    }

    @Test
    void whileAChunkWaitsNoOtherIsReadAndChangesAreFound() throws Exception {
        read();
        fetcher.look();
        assertThat(queue.holdsChunk()).isTrue();
        for (int id = 1; id <= 3; id++) {
            server.execute("UPDATE users SET n = 2 WHERE id = " + id);
            fetcher.look();
        }

        assertThat(queue.take(0)).isInstanceOf(JournalPage.Read.class);
        assertThat(queue.holdsChunk()).isFalse();
        List<JournalPage> rest = read();
        assertThat(rest.subList(0, 3)).allSatisfy(page -> assertThat(page).isInstanceOf(JournalPage.Rows.class));
        assertThat(chunks(rest)).isEqualTo(1);
        assertThat(rest.get(rest.size() - 1)).isInstanceOf(JournalPage.Read.class);
    }

    /** The number of a transaction that is lost in a crash is given to another one, which the chunk has not seen. */
    @Test
    void whatAChunkSeesIsFlushedBeforeItIsPublished() throws Exception {
        read();
        for (int look = 1; look <= 3; look++) {
            server.execute("SET synchronous_commit = off; INSERT INTO other VALUES (1)");
            String written = server.text("SELECT pg_current_wal_insert_lsn()");
            assertThat(server.text("SELECT pg_current_wal_flush_lsn() < '" + written + "'"))
                    .isEqualTo("t");

            assertThat(chunks(read())).isEqualTo(1);

            assertThat(server.text("SELECT pg_current_wal_flush_lsn() >= '" + written + "'"))
                    .isEqualTo("t");
        }
    }
}
