package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class ConnectionFragmentTest {

    /** Held here, as the logging framework alone would let it be collected together with its level. */
    private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

    @BeforeAll
    static void keepTheDriversComplaintsOutOfTheOutput() {
        DRIVER_LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void letTheDriverSpeakAgain() {
        DRIVER_LOG.setLevel(null);
    }

    @Test
    void handsOutWhatWasSet() {
        ConnectionFragment connection = configWith(
                        "connection.timeout.ms", "2500",
                        "connection.properties.sslmode", "verify-full",
                        "connection.properties.sslpassword", "hush")
                .connection();

        assertThat(connection.url()).isEqualTo("jdbc:postgresql://localhost/shop");
        assertThat(connection.user()).contains("ectowatch");
        assertThat(connection.password()).contains(new Password("swordfish"));
        assertThat(connection.timeoutMs()).isEqualTo(2_500);
        assertThat(connection.properties())
                .containsExactlyInAnyOrderEntriesOf(Map.of("sslmode", "verify-full", "sslpassword", "hush"));
    }

    @Test
    void onlyTheUrlIsRequired() {
        ConnectionFragment connection =
                configWith("connection.user", null, "connection.password", null).connection();

        assertThat(connection.user()).isEmpty();
        assertThat(connection.password()).isEmpty();
        assertThat(connection.timeoutMs()).isEqualTo(10_000);
        assertThat(connection.properties()).isEmpty();
    }

    @Test
    void handsOutTheRoleThatSessionsTakeOn() {
        assertThat(configWith("connection.role", "Shop owner").connection().role())
                .contains("Shop owner");
        assertThat(configWith().connection().role()).isEmpty();
        assertThat(configWith("connection.role", "").connection().role()).isEmpty();
    }

    /** PostgreSQL would take another role, and say nothing. */
    @ParameterizedTest
    @CsvSource({"none, A role cannot have this name", "NONE, A role cannot have this name"})
    void aRoleMustBeOneThatThereCanBe(String role, String message) {
        assertThat(problemsWith("connection.role", role))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains(message));
        assertThat(problemsWith("connection.role", "ö".repeat(32)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("63 bytes"));
        assertThat(problemsWith("connection.role", "ö".repeat(31))).isEmpty();
    }

    @Test
    void anEmptyUserOrPasswordCountsAsNotSet() {
        ConnectionFragment connection =
                configWith("connection.user", " ", "connection.password", "").connection();

        assertThat(connection.user()).isEmpty();
        assertThat(connection.password()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://localhost/shop",
                "jdbc:postgresql://db1,db2:5433,[2001:db8::1]:5432/shop?targetServerType=primary&loadBalanceHosts=true",
                "jdbc:postgresql://db/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslkey=/etc/key.pk8",
                "jdbc:postgresql://[::1]/shop",
                "jdbc:postgresql://::1/shop",
                "jdbc:postgresql://db:5432/",
                "jdbc:postgresql://:5433/shop",
                "jdbc:postgresql:shop",
                "jdbc:postgresql:",
                "jdbc:postgresql://",
                "jdbc:postgresql:///",
                "jdbc:postgresql:///?host=db&port=5432&dbname=shop",
                "jdbc:postgresql://db/shop?",
                "jdbc:postgresql://db/shop?&ssl&tcpKeepAlive=true",
                "jdbc:postgresql://db/my%40shop?options=-c%20geqo=off@c"
            })
    void takesAnyUrlThatTheDriverTakes(String url) {
        assertThat(Driver.parseURL(url, null)).isNotNull();
        assertThat(problemsWith("connection.url", url)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    ''                                              | It must not be empty. Use the form jdbc:postgresql://
                    localhost/shop                                  | It must start with jdbc:postgresql:
                    jdbc:mysql://localhost/shop                     | It must start with jdbc:postgresql:
                    postgresql://localhost/shop                     | It must start with jdbc:postgresql:
                    JDBC:postgresql://localhost/shop                | It must start with jdbc:postgresql:
                    jdbc:postgresql:/localhost/shop                 | Two slashes must follow
                    jdbc:postgresql://localhost                     | A slash and the database must follow the hosts
                    jdbc:postgresql://localhost?ssl=true            | A slash and the database must follow the hosts
                    jdbc:postgresql://localhost/a/b                 | It has too many slashes
                    jdbc:postgresql://localhost:x/shop              | A port must be a number from 1 to 65535
                    jdbc:postgresql://localhost:/shop               | A port must be
                    jdbc:postgresql://localhost:0/shop              | A port must be
                    jdbc:postgresql://db1:5432,db2:65536/shop       | A port must be
                    jdbc:postgresql://localhost/a%zz                | Two hexadecimal digits must follow a %
                    jdbc:postgresql:a%                              | Two hexadecimal digits must follow a %
                    jdbc:postgresql://localhost/a?options=%z        | Two hexadecimal digits must follow a %
                    jdbc:postgresql://localhost/a?sslmod=require    | The driver has no property sslmod. Did you mean sslmode?
                    jdbc:postgresql://localhost/a?SSLMode=require   | The driver has no property SSLMode. Did you mean sslmode?
                    jdbc:postgresql://localhost/a?connectTimeout=5  | connectTimeout is set by connection.timeout.ms
                    jdbc:postgresql://localhost/a?sockettimeout=5   | sockettimeout is set by connection.timeout.ms
                    jdbc:postgresql://localhost/a?user              | user is set by connection.user
                    """)
    void saysWhatIsWrongWithAUrl(String url, String message) {
        List<ConfigProblem> problems = problemsWith("connection.url", url);

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("connection.url");
            assertThat(problem.message()).contains(message);
        });
        boolean matterOfOurs = message.startsWith("The driver has no") || message.contains("is set by");
        assertThat(Driver.parseURL(url, null) == null)
                .as("the driver refuses it")
                .isEqualTo(!matterOfOurs);
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://h/d?password=hunter2, connection.password",
        "jdbc:postgresql://h/d?user=me&password=hunter2, connection.password",
        "jdbc:postgresql://h/d?sslmode=require&PassWord=hunter2, connection.password",
        "jdbc:postgresql://h/d;password=hunter2, connection.password",
        "jdbc:postgresql://h/d?sslpassword=hunter2, connection.properties.sslpassword",
        "jdbc:mysql://h/d?password=hunter2, connection.password",
        "password=hunter2, connection.password",
        "jdbc:postgresql://me:hunter2@h/d, connection.password",
        "postgresql://me:hunter2@h/d, connection.password",
        "jdbc:postgresql://me:hunt/er2@h/d?ssl=true, connection.password",
        "jdbc:postgresql://h/d?user=hunter2, connection.user",
        "jdbc:postgresql://h:hunter2/d, A port must be",
        "jdbc:postgresql://h/hunter2%, follow a %",
        "hunter2, jdbc:postgresql:"
    })
    void sendsSecretsInAUrlWhereTheyBelongAndNeverRepeatsThem(String url, String advice) {
        List<ConfigProblem> problems = problemsWith("connection.url", url);

        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("connection.url");
            assertThat(problem.message()).contains(advice).doesNotContain("hunt", "er2");
        });
        assertThat(ConnectorConfig.validate(SampleSettings.with("connection.url", url)))
                .filteredOn(value -> value.name().equals("connection.url"))
                .singleElement()
                .satisfies(value -> assertThat(value.value()).isNull());
    }

    @ParameterizedTest
    @CsvSource({
        "user, connection.user",
        "password, connection.password",
        "Password, connection.password",
        "connectTimeout, connection.timeout.ms",
        "socketTimeout, connection.timeout.ms",
        "loginTimeout, connection.timeout.ms",
        "PGHOST, connection.url",
        "port, connection.url",
        "dbname, connection.url",
        "sslmod, Did you mean sslmode?",
        "targetservertype, Did you mean targetServerType?",
        "'', The name of a driver property must follow",
    })
    void refusesPropertiesOfTheDriverThatCannotWorkHere(String property, String advice) {
        assertThat(problemsWith("connection.properties." + property, "hunter2"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("connection.properties." + property);
                    assertThat(problem.message()).contains(advice).doesNotContain("hunter2");
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    999     | It must be between 1000 and 60000, but is 999.
                    60001   | It must be between 1000 and 60000, but is 60001.
                    -1      | It must be between 1000 and 60000, but is -1.
                    10s     | It must be a whole number, between 1000 and 60000.
                    1e4     | It must be a whole number, between 1000 and 60000.
                    99999999999 | It must be a whole number, between 1000 and 60000.
                    """)
    void theTimeoutIsBounded(String timeout, String message) {
        assertThat(problemsWith("connection.timeout.ms", timeout))
                .containsExactly(new ConfigProblem("connection.timeout.ms", message));
    }
}
