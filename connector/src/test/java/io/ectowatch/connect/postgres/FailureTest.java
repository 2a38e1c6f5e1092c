package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
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
    void aCertificateOfAnotherHostIsAnErrorOfTlsInEveryLanguageOfTheDriver() {
        for (String language : "bg cs de es fr it ja ko nl pl pt_BR ru sr tr zh_CN zh_TW".split(" ")) {
            String text = "The hostname {0} could not be verified by hostnameverifier {1}.";
            ResourceBundle messages = ResourceBundle.getBundle(
                    "org.postgresql.translation.messages", Locale.forLanguageTag(language.replace('_', '-')));
            assertThat(messages.getLocale()).hasToString(language);
            String translated = messages.containsKey(text) ? messages.getString(text) : text;
            Failure failure = Failure.of(
                    new SQLException(MessageFormat.format(translated, "localhost", "PgjdbcHostnameVerifier"), "08006"));
            assertThat(failure.message()).as(language).startsWith("Cannot open a TLS connection");
        }
    }

    @Test
    void numbersInTheDriversMessagesAboutScramAreNoAnswersOfAnotherService() {
        SQLException iterations = new SQLException(
                "Server requested 200,000 SCRAM PBKDF2 iterations, which exceeds the client-side limit of 100,000. If you"
                        + " trust this server, raise the scramMaxIterations connection property.",
                "08004");
        assertThat(Failure.of(iterations).message()).contains("scramMaxIterations", "200,000");
        SQLException certificate = new SQLException(
                "Channel Binding is required, but the server certificate signature algorithm \"Ed25519\" does not support"
                        + " tls-server-end-point channel binding (RFC 5929).",
                "08004");
        assertThat(Failure.of(certificate).message()).contains("Ed25519");
    }

    private static String message(String text, Exception cause) {
        return Failure.of(new SQLException(text, "08001", cause)).message();
    }

    @Test
    void anErrorWithoutStateOrMessageIsNoReasonToFail() {
        assertThat(Failure.of(new SQLException()).permanent()).isFalse();
    }
}
