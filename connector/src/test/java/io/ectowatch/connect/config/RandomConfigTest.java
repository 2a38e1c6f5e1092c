package io.ectowatch.connect.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.ectowatch.connect.config.names.TableName;
import io.ectowatch.connect.config.validation.ConfigProblem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

/** Whatever Connect is sent must get an answer, and no answer may give the password away. */
class RandomConfigTest {

    private static final String PASSWORD = "Zx9-qKw7";

    private static final List<String> WORDS = List.of(
            "users",
            "a.b.c",
            "*",
            "\"",
            "\"\"",
            "\"a,b\"",
            ",",
            ".",
            "${table}",
            "${",
            "}",
            "$",
            "inserted",
            "updated",
            "true",
            "NEW.a",
            "OLD.a",
            " = 1",
            " AND ",
            "(",
            ")",
            "'",
            "E'",
            "$$",
            ";",
            "--",
            "/*",
            "\\",
            "SELECT ",
            "notify",
            "watchers",
            "contact",
            "jdbc:postgresql:",
            "//",
            "host",
            ":",
            "5432",
            "?",
            "&",
            "=",
            "user=",
            "@",
            "password=",
            "sslmode",
            "%",
            "%41",
            "0",
            "-1",
            "200",
            "99999999999999999999",
            " ",
            "\t",
            "\n",
            "\0",
            "ä",
            "\ud800",
            "🙂",
            "_",
            "-",
            "/",
            "pg_",
            "x".repeat(300),
            "*a".repeat(200));

    private static final List<String> DYNAMIC_KEYS = List.of(
            "",
            ".",
            "watchers.",
            "watchers..",
            "watchers.contact",
            "watchers.contact.",
            "watchers.contact.table",
            "watchers.contact.events",
            "watchers.contact.extra.columns",
            "watchers.contact.label",
            "watchers.contact.columns",
            "watchers.contact.when",
            "watchers.contact.key.columns",
            "watchers.contact.topic",
            "watchers.contact.include.changed.columns",
            "watchers.contact.skip.unchanged.updates",
            "watchers.contact.old.values",
            "watchers.contact.replicated",
            "watchers.contact.row.triggers",
            "watchers.contact.collapse",
            "watchers.contact.labell",
            "watchers.a b.table",
            "watchers.users.table",
            "watchers.notify.table",
            "connection.properties.",
            "connection.properties.password",
            "connection.properties.sslpassword",
            "connection.properties.sslmod",
            "connection.properties.user",
            "connection.properties..",
            "transforms");

    private final Random random = new Random(4_711);

    @Test
    void problemsNeitherThrowNorHangNorShowThePassword() {
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            int usable = 0;
            for (int round = 0; round < 500; round++) {
                Map<String, String> settings = randomSettings();

                List<ConfigProblem> problems = ConnectorConfig.problems(settings);
                List<ConfigValue> values = ConnectorConfig.validate(settings);

                assertThat(problems).allSatisfy(problem -> assertThat(problem.text())
                        .as("on %s", problem.setting())
                        .doesNotContain(PASSWORD));
                assertThat(values).allSatisfy(value -> {
                    assertThat(value.errorMessages().toString()).doesNotContain(PASSWORD);
                    assertThat(String.valueOf(value.value())).doesNotContain(PASSWORD);
                });
                assertThat(values.stream()
                                .mapToInt(value -> value.errorMessages().size())
                                .sum())
                        .isEqualTo(problems.size());
                usable += problems.isEmpty() ? 1 : 0;
                assertConstructorAgrees(settings, problems);
            }
            // Both kinds must occur, or the loop shows little.
            assertThat(usable).isBetween(10, 490);
        });
    }

    private static void assertConstructorAgrees(Map<String, String> settings, List<ConfigProblem> problems) {
        try {
            ConnectorConfig config = new ConnectorConfig(settings);
            assertThat(problems).isEmpty();
            assertThat(config.watchers()).isNotEmpty();
            assertThat(config.topicFormat().topic(new TableName("s", "t"), Event.RESYNC))
                    .isNotEmpty();
            assertThat(config.delivery().mode()).isNotNull();
            assertThat(config.values().toString() + config).doesNotContain(PASSWORD);
        } catch (ConfigException refused) {
            assertThat(problems).isNotEmpty();
            assertThat(refused).hasMessageNotContaining(PASSWORD).hasNoCause();
        }
    }

    /** A sound configuration, a number of settings of which are replaced by something arbitrary. */
    private Map<String, String> randomSettings() {
        Map<String, String> settings = new HashMap<>(SampleSettings.with("connection.password", PASSWORD));
        List<String> keys = new ArrayList<>(ConnectorConfig.configDef().names());
        keys.remove("connection.password");
        keys.addAll(DYNAMIC_KEYS);
        for (int changes = random.nextInt(8); changes > 0; changes--) {
            String key = keys.get(random.nextInt(keys.size()));
            settings.put(key, random.nextInt(10) == 0 ? null : randomText());
        }
        if (random.nextInt(3) == 0) {
            settings.put("connection.url", urlWithPassword());
        }
        if (random.nextInt(5) == 0) {
            settings.put("connection.properties.password", PASSWORD);
            settings.put("connection.properties.sslpasswort", PASSWORD);
        }
        return settings;
    }

    private String urlWithPassword() {
        List<String> urls = List.of(
                "jdbc:postgresql://h/d?password=" + PASSWORD,
                "jdbc:postgresql://h/d?sslmode=x&password=" + PASSWORD + "&user=u",
                "jdbc:postgresql://u:" + PASSWORD + "@h:5432/d",
                "jdbc:postgresql://h:" + PASSWORD + "/d",
                "postgres://u:" + PASSWORD + "@h/d",
                "jdbc:sqlserver://h;password=" + PASSWORD,
                PASSWORD + randomText());
        return urls.get(random.nextInt(urls.size()));
    }

    private String randomText() {
        StringBuilder text = new StringBuilder();
        for (int words = random.nextInt(6); words >= 0; words--) {
            text.append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return text.toString();
    }
}
