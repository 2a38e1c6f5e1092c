package io.ectowatch.benchmarks.contender;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ContendersTest {

    private static List<String> names(List<Contender> contenders) {
        return contenders.stream().map(Contender::name).toList();
    }

    @Test
    void rowTriggersRunOnlyIfTheyAreNamed() {
        assertThat(names(Contenders.all())).contains("durable-row").doesNotHaveDuplicates();
        assertThat(names(Contenders.usual())).contains("durable", "none").doesNotContain("durable-row");
    }

    @Test
    void withRowTriggersItTakesPartWhereItDoesWithout() {
        assertThat(EctoWatch.durableWithRowTriggers().traits())
                .containsAll(EctoWatch.durable().traits());
    }
}
