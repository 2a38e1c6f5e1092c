package io.ectowatch.it.faults;

import io.ectowatch.testkit.Stack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Many faults without exactly-once support. */
@EnabledIfSystemProperty(named = "faults", matches = "[1-9][0-9]*")
class AtLeastOnceFaultsIT extends ManyFaults {

    AtLeastOnceFaultsIT(Stack stack) {
        super(stack);
    }

    @Test
    void nothingIsLostOrReordered() throws Exception {
        run(false);
    }
}
