package io.ectowatch.connect.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.record.TypeCases;
import io.ectowatch.connect.testing.NewDatabase;
import io.ectowatch.connect.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/**
 * Random statements on random tables with random watchers: the records are those that a comparison of the tables before and
 * after each statement finds.
 *
 * <p>{@code -Dseed=7 -Dseconds=0} runs one program again; {@code -Dseed=1000 -Dseconds=3600} runs as many as an hour allows,
 * from that seed on. A program that fails is printed as SQL, as short as it can be made.
 */
class GeneratedSqlIT {

    /** A failing program gets smaller for so long. */
    private static final int SHRINK_SECONDS = Integer.getInteger("shrink", 120);

    /** Has the types of all programs; each program gets a copy. */
    @NewDatabase
    private TestDatabase template;

    private int programs;
    private int transactions;
    private int ordinaryErrors;
    private int resynced;
    private int exact;
    private int compared;

    @Test
    void theRecordsAreThoseThatAComparisonOfTheTablesFinds() throws Exception {
        template.execute(TypeCases.SETUP.toArray(String[]::new));
        String application = template.role("app");
        ProgramGenerator generator = new ProgramGenerator(new Sorts(template));
        long seed = Long.getLong("seed", 1);
        long end = System.nanoTime() + Long.getLong("seconds", 20) * 1_000_000_000L;
        do {
            Program program = generator.generate(seed);
            Failure failure = run(program, application);
            if (failure != null) {
                Program small = new Shrinker(
                                program,
                                smaller -> {
                                    Failure other = run(smaller, application);
                                    return other != null && other.kind().equals(failure.kind());
                                },
                                SHRINK_SECONDS)
                        .shrink();
                Failure last = run(small, application);
                throw new AssertionError("seed " + seed + ": " + failure.kind() + "\n" + failure.text()
                        + "\n\nA smaller program fails likewise:\n" + small + "\n" + last);
            }
            seed++;
            programs++;
        } while (System.nanoTime() < end);
        System.out.printf(
                "GeneratedSqlIT: %d programs up to seed %d, %d of them with a resync; %d transactions, %d statements failed as"
                        + " expected; %d of %d changed tables compared exactly%n",
                programs, seed - 1, resynced, transactions, ordinaryErrors, exact, compared);
        assertThat(exact).as("compared exactly").isPositive();
    }

    private Failure run(Program program, String application) {
        try (ProgramRun run = new ProgramRun(template, program)) {
            Failure failure = run.run(application);
            transactions += run.transactions();
            ordinaryErrors += run.ordinaryErrors();
            int[] counts = run.exactness();
            resynced += run.resynced() ? 1 : 0;
            exact += counts[0];
            compared += counts[1];
            return failure;
        } catch (Exception e) {
            return new Failure(e.getClass().getSimpleName(), e.toString());
        }
    }
}
