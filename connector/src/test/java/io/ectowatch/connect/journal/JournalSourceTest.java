package io.ectowatch.connect.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class JournalSourceTest {

    /** Connect looks offsets up by the bytes of this map as JSON, in whatever JVM comes next. */
    @Test
    void theFieldsOfTheSourcePartitionHaveAlwaysTheSameOrder() {
        for (int i = 0; i < 100; i++) {
            SortedMap<String, Object> sorted = new TreeMap<>(JournalSource.partition("shop" + i));
            assertThat(JournalSource.partition("shop" + i).toString()).isEqualTo(sorted.toString());
            assertThat(JournalSource.partition("shop" + i).toString())
                    .isEqualTo("{connector=shop" + i + ", version=1}");
        }
    }
}
