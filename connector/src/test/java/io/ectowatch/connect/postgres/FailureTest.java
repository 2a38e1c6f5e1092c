package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailureTest {

    @ParameterizedTest
    @ValueSource(strings = {"08000", "08001", "08006", "57P01", "57P02", "57P03", "53300", "40001", "25006", "XX000"})
    void whatMayPassIsTriedAgain(String state) {
        assertThat(Failure.of(new SQLException("something", state)).permanent()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "28P01, connection.password",
        "28000, connection.user",
        "3D000, connection.url",
        "42501, connection.user",
        "42P01, connection.url"
    })
    void anErrorThatOnlyTheOperatorCanFixNamesItsSetting(String state, String setting) {
        Failure failure = Failure.of(new SQLException("something", state));
        assertThat(failure.permanent()).isTrue();
        assertThat(failure.setting()).isEqualTo(setting);
    }

    @Test
    void theMessageHoldsTheServersFirstLineOnly() {
        Failure failure = Failure.of(new SQLException("database \"x\" does not exist.\n  Position: 3", "3D000"));
        assertThat(failure.message())
                .contains("database \"x\" does not exist. ")
                .doesNotContain("Position");
    }

    @Test
    void theErrorForAStandbyNamesTheWayToThePrimary() {
        assertThat(Failure.of(new SQLException("the server is a standby", "25006"))
                        .message())
                .contains("targetServerType=primary");
    }

    @Test
    void aTlsErrorDiffersFromThatOfAnUnreachableHost() {
        SQLException refused = new SQLException(
                "Connection to localhost:1 refused. Check that the hostname and port are correct.",
                "08001",
                new ConnectException("Connection refused"));
        assertThat(Failure.of(refused).message()).startsWith("Cannot connect to PostgreSQL");
        SQLException another = new SQLException("The hostname localhost could not be verified.", "08006");
        assertThat(Failure.of(another).message())
                .startsWith("Cannot open a TLS connection")
                .contains("sslmode");
        SQLException unknown = new SQLException("it went wrong", "08006", new SSLHandshakeException("unknown issuer"));
        assertThat(Failure.of(unknown).message()).startsWith("Cannot open a TLS connection");
    }

    @Test
    void theReasonOfTheNetworkIsNotHiddenByTheDriversMessage() {
        String attempt = "The connection attempt failed.";
        assertThat(message(attempt, new SSLHandshakeException("Received fatal alert: unknown_ca")))
                .startsWith("Cannot open a TLS connection")
                .contains("unknown_ca", "sslcert", "sslkey");
        assertThat(message(attempt, new SocketException("Broken pipe")))
                .startsWith("The server closed the connection")
                .contains("Broken pipe", "sslcert", "sslkey");
        assertThat(message(attempt, new UnknownHostException("db.example"))).contains("(db.example)");
    }

    @Test
    void channelBindingThatCannotBeHadNamesItsSettingAndIsNotTriedAgain() {
        Failure failure = Failure.of(new SQLException("Channel Binding is required, but SSL is not in use", "08004"));
        assertThat(failure.permanent()).isTrue();
        assertThat(failure.message()).contains("channelBinding", "sslmode", "scram-sha-256", "SSL is not in use");
    }

    private static String message(String text, Exception cause) {
        return Failure.of(new SQLException(text, "08001", cause)).message();
    }

    @Test
    void anErrorWithoutStateOrMessageIsNoReasonToFail() {
        assertThat(Failure.of(new SQLException()).permanent()).isFalse();
    }
}
