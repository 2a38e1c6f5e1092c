package io.ectowatch.connect.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.protocol.ObjectNames;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often the triggers check the journal's size. */
class JournalPlacesTest {

    /** {@code pg_lsn_hash} returns each 32-bit number equally often. */
    @ParameterizedTest
    @CsvSource({"1048576, 256", "33554432, 512", "1073741824, 1024", "1099511627776, 1024"})
    void theSmallerTheLimitTheMoreOftenTheSizeIsChecked(long maxBytes, long rows) {
        Map<String, String> values =
                new JournalPlaces(new ObjectNames("shop", "ectowatch"), maxBytes, true, ContextSql.NONE).values();

        long hashes = Long.parseLong(values.get("check below")) - Integer.MIN_VALUE;
        assertThat((1L << 32) / hashes).isEqualTo(rows);
        assertThat(values).containsEntry("rows per check", Long.toString(rows));
    }
}
