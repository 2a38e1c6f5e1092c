package io.ectowatch.benchmarks.contender;

import io.ectowatch.benchmarks.Arena;
import java.util.List;
import java.util.Set;

/** The stack without any connector: what everything costs anyway. */
final class Nobody implements Contender {

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
    public Running start(Arena arena, List<String> tables) {
        return new Unattended(arena);
    }
}
