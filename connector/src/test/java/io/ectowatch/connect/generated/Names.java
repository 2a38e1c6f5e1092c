package io.ectowatch.connect.generated;

import io.ectowatch.connect.RandomSettings;
import io.ectowatch.connect.postgres.SqlText;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Names of tables and columns: plain ones, odd ones, and ones of 63 bytes. Each is another. */
final class Names {

    private final Random random;
    private final RandomSettings odd;
    private int count;

    Names(Random random) {
        this.random = random;
        odd = new RandomSettings(random.nextLong());
    }

    String next(String plain) {
        count++;
        if (random.nextInt(3) > 0) {
            return plain + count;
        }
        String name = odd.identifier();
        if (random.nextInt(4) == 0) {
            int missing = SqlText.NAME_BYTES - name.getBytes(StandardCharsets.UTF_8).length;
            name = "x".repeat(missing) + name;
        }
        return name;
    }
}
