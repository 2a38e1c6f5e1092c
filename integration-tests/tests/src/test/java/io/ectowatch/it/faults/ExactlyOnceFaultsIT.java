package io.ectowatch.it.faults;

import io.ectowatch.testkit.Stack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Many faults with exactly-once support. */
@EnabledIfSystemProperty(named = "faults", matches = "[1-9][0-9]*")
class ExactlyOnceFaultsIT extends ManyFaults {

    ExactlyOnceFaultsIT(Stack stack) {
        super(stack);
    }

    @Test
    void nothingIsLostRepeatedOrReordered() throws Exception {
        run(true);
    }
}
