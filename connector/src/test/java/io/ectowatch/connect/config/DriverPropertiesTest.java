package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

/** A user who may create a connector must not be able to have the worker load classes or use its files. */
class DriverPropertiesTest {

    private static final String URL = "jdbc:postgresql://localhost/shop";

    @AfterEach
    void theOperatorAllowsNothingMore() {
        System.clearProperty(WorkerOptions.DRIVER_PROPERTIES);
    }

    static Stream<String> names() {
        return Arrays.stream(PGProperty.values()).map(PGProperty::getName);
    }

    /** A property that a new driver brings is unknown here: somebody has to decide about it. */
    @ParameterizedTest
    @MethodSource("names")
    void everyPropertyOfTheDriverIsAllowedOrRefusedForAReason(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        long lists = DriverProperties.REFUSED.values().stream()
                .filter(names -> names.contains(lower))
                .count();
        boolean inUrl = problemsWith("connection.url", URL + "?" + name + "=1").isEmpty();
        if (DriverProperties.ALLOWED.contains(name)) {
            assertThat(lists).isZero();
            assertThat(problemsWith("connection.properties." + name, "1")).isEmpty();
            assertThat(inUrl).isEqualTo(!name.equals("sslpassword"));
            return;
        }
        assertThat(problemsWith("connection.properties." + name, "hunter2"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("connection.properties." + name);
                    assertThat(problem.message()).doesNotContain("hunter2");
                    if (lists == 1) {
                        assertThat(problem.message()).contains(name, "not allowed on this worker", "operator");
                    } else {
                        assertThat(problem.message())
                                .containsAnyOf(
                                        "set by connection.", "Set the server and the database in connection.url");
                    }
                });
        assertThat(inUrl).isEqualTo(name.startsWith("PG"));
    }

    @Test
    void theDriverHasEveryPropertyThatIsAllowed() {
        assertThat(names()).containsAll(DriverProperties.ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "socketFactory, loads a class",
        "SOCKETFACTORY, loads a class",
        "sslFactory, loads a class",
        "loggerFile, reads or writes files",
        "service, reads or writes files",
        "jaasApplicationName, uses credentials",
        "localSocketAddress, uses credentials or a network address",
        "preferQueryMode, changes how the driver runs statements",
        "readOnly, changes how the driver runs statements",
        "replication, changes how the driver runs statements"
    })
    void aRefusalNamesThePropertyAndTheReasonInBothPlaces(String name, String reason) {
        assertThat(problemsWith("connection.properties." + name, "x"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains(name, reason));
        assertThat(problemsWith("connection.url", URL + "?sslmode=require&" + name + "=x"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains(name, reason));
    }

    /** The driver does not decode names, and forgets nothing about a name without a value. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "?socket%46actory=x",
                "?%73ocketFactory=x",
                "?socketFactory",
                "?socketFactory=",
                "? socketFactory=x",
                "?socketFactory =x",
                "?sslmode=require&&socketFactory=x",
                "?a=?socketFactory=x",
                "?service=shop",
                "?com.example.tunnel.port=7"
            })
    void noSpellingSlipsThroughInAUrl(String parameters) {
        assertThat(problemsWith("connection.url", URL + parameters)).isNotEmpty();
        assertThat(problemsWith("connection.url", "jdbc:postgresql:" + parameters))
                .isNotEmpty();
    }

    @Test
    void theWorkersOperatorAllowsMore() {
        System.setProperty(WorkerOptions.DRIVER_PROPERTIES, "socketFactory, com.example.tunnel.port,user");
        assertThat(problemsWith(
                        "connection.properties.socketFactory", "com.example.Tunnel",
                        "connection.properties.com.example.tunnel.port", "7",
                        "connection.url", URL + "?socketFactory=com.example.Tunnel"))
                .isEmpty();
        assertThat(problemsWith("connection.properties.socketFactoryArg", "x")).hasSize(1);
        assertThat(problemsWith("connection.properties.user", "x")).hasSize(1);
    }
}
