package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Environment;
import java.util.List;
import java.util.Set;

/** The stack without a connector: the baseline. */
final class NoConnector implements Contender {

    @Override
    public String name() {
        return "none";
    }

    @Override
    public String description() {
        return "no connector";
    }

    @Override
    public Set<Trait> traits() {
        return Set.of();
    }

    @Override
    public RunningContender start(Environment environment, List<String> tables) {
        return new UnwatchedTables(environment);
    }
}
