package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.validation.ConfigProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryFragmentTest {

    @Test
    void hasADefaultForEverything() {
        DeliveryFragment delivery = configWith().delivery();

        assertThat(delivery.mode()).isEqualTo(DeliveryMode.DURABLE);
        assertThat(delivery.schema()).isEqualTo("ectowatch");
        assertThat(delivery.batchMaxRecords()).isEqualTo(2_000);
        assertThat(delivery.notifyQueueMaxBytes()).isEqualTo(67_108_864L);
        assertThat(delivery.ddlLockTimeoutMs()).isEqualTo(200);
    }

    @Test
    void handsOutWhatWasSet() {
        DeliveryFragment delivery = configWith(
                        "delivery.mode", "NOTIFY",
                        "database.schema", "My \"Schema\" ä",
                        "batch.max.records", "1",
                        "notify.queue.max.bytes", "8589934592",
                        "ddl.lock.timeout.ms", "5000")
                .delivery();

        assertThat(delivery.mode()).isEqualTo(DeliveryMode.NOTIFY);
        assertThat(delivery.schema()).isEqualTo("My \"Schema\" ä");
        assertThat(delivery.batchMaxRecords()).isEqualTo(1);
        assertThat(delivery.notifyQueueMaxBytes()).isEqualTo(8_589_934_592L);
        assertThat(delivery.ddlLockTimeoutMs()).isEqualTo(5_000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    delivery.mode           | pigeon        | It must be one of notify, durable.
                    delivery.mode           | notfy         | It must be one of notify, durable. Did you mean notify?
                    delivery.mode           | ''            | It must be one of
                    database.schema         | ''            | It must not be empty.
                    database.schema         | pg_mine       | pg_mine is reserved for PostgreSQL
                    database.schema         | information_schema | information_schema is reserved
                    batch.max.records       | 0             | It must be at least 1, but is 0.
                    batch.max.records       | many          | It must be a whole number, at least 1.
                    notify.queue.max.bytes  | 1048575       | It must be at least 1048576, but is 1048575.
                    notify.queue.max.bytes  | 64MB          | It must be a whole number, at least 1048576.
                    ddl.lock.timeout.ms     | 9             | It must be between 10 and 5000, but is 9.
                    ddl.lock.timeout.ms     | 5001          | It must be between 10 and 5000, but is 5001.
                    ddl.lock.timeout.ms     | ''            | It must be a whole number, between 10 and 5000.
                    """)
    void saysWhatIsWrongWithASetting(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @ParameterizedTest
    @CsvSource({"a\0b", "a\ud800b"})
    void aSchemaThatNoDatabaseCanHoldIsRefused(String schema) {
        assertThat(problemsWith("database.schema", schema))
                .containsExactly(new ConfigProblem(
                        "database.schema", "It contains a character that PostgreSQL does not allow in names."));
    }

    @Test
    void aSchemaMayHave63BytesAndNotMore() {
        assertThat(problemsWith("database.schema", "ä".repeat(31) + "z")).isEmpty();
        assertThat(problemsWith("database.schema", "ä".repeat(32)))
                .containsExactly(new ConfigProblem(
                        "database.schema", "It has a name of 64 bytes (UTF-8), but PostgreSQL allows at most 63."));
    }
}
