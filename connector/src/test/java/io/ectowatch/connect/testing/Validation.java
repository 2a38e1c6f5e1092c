package io.ectowatch.connect.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.EctoWatchSourceConnector;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;

/** What {@code PUT /connector-plugins/.../config/validate} would answer. */
public final class Validation {

    /** The password, which no message may have. */
    public static final String SECRET = "s3cr3t-p4ssw0rd";

    private Validation() {}

    /** As {@link #errors(String...)}, of a connector that watches in that database. */
    public static Map<String, String> errors(TestDatabase database, String... settings) {
        String[] all = new String[settings.length + 2];
        all[0] = "connection.url=" + database.url();
        all[1] = "connection.user=" + database.user();
        System.arraycopy(settings, 0, all, 2, settings.length);
        return errors(all);
    }

    /**
     * The errors by key, several of one key joined; none shows the password or looks like a stack trace.
     *
     * @param settings {@code "key=value"}; of one key, the last counts
     */
    public static Map<String, String> errors(String... settings) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "shop");
        props.put("connector.class", EctoWatchSourceConnector.class.getName());
        props.put("connection.password", SECRET);
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            props.put(pair[0], pair[1]);
        }
        Map<String, String> errors = new HashMap<>();
        for (ConfigValue value : new EctoWatchSourceConnector().validate(props).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), String.join(" ", value.errorMessages()));
            }
        }
        assertThat(errors.values()).allSatisfy(message -> assertThat(message)
                .doesNotContain(SECRET)
                .doesNotContain("Exception")
                .doesNotContain("\tat "));
        return errors;
    }
}
