package io.ectowatch.benchmarks.contender;

import java.util.List;

/** All contenders, in the order of their turns. */
public final class Contenders {

    private Contenders() {}

    public static List<Contender> all() {
        return List.of(
                EctoWatch.durable(),
                EctoWatch.durableWithRowTriggers(),
                EctoWatch.notifying(),
                Debezium.withDefaults(),
                Debezium.pollingOften(),
                Debezium.withLargeBatches(),
                new RowTrigger(),
                new JdbcPoll(),
                new OutboxPoll(),
                new BareJournal(),
                new Ceiling(),
                new PlainRead(),
                Floor.afterCommit(),
                Floor.bare(),
                new NoConnector());
    }

    /** Those that run if none is named. */
    public static List<Contender> usual() {
        return all().stream()
                .filter(contender -> !contender.is(Contender.Trait.ON_REQUEST))
                .toList();
    }
}
