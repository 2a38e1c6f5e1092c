package io.ectowatch.connect.postgres;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.ectowatch.connect.testing.Validation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A validation shows nothing of the worker's files, nor of the answers of other services. */
class ForeignServicesIT {

    /** As seven letters of it, or as the number that four of them make. */
    private static final String SECRET = "fiddlesticks";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-" + SECRET + "\r\n",
                "HTTP/1.1 400 Bad Request\r\nServer: " + SECRET + "\r\n\r\n",
                "-ERR " + SECRET + "\r\n",
                "ERROR " + SECRET + "\r\n",
                "R\0\0\0\10" + SECRET,
                "E\0\0\0\34X" + SECRET + SECRET,
                "E\0\0\0\44SFATAL\0C" + SECRET + "\0M" + SECRET + "\0\0",
                "E\0\0\0\33M" + SECRET + "\0Sx\0C1\0\0\0\0",
                "" + SECRET
            })
    void theAnswerOfAnotherServiceIsNotRepeated(String answer) throws Exception {
        for (String[] mode : new String[][] {
            {"disable", "prefer"}, {"prefer", "prefer"}, {"require", "prefer"}, {"disable", "require"}
        }) {
            try (ServerSocket service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                Thread thread = new Thread(() -> serve(service, answer));
                thread.start();
                Map<String, String> errors = Validation.errors(
                        "connection.url=jdbc:postgresql://127.0.0.1:" + service.getLocalPort() + "/shop",
                        "connection.user=anybody",
                        "tables=users",
                        "connection.properties.sslmode=" + mode[0],
                        "connection.properties.channelBinding=" + mode[1]);
                assertThat(errors).containsOnlyKeys("connection.url");
                assertThat(errors.get("connection.url"))
                        .doesNotContain(SECRET.substring(0, 6), SECRET.substring(6))
                        .doesNotContainPattern("\\d{3}[^.:/]*\\d{3}");
            }
        }
    }

    private static void serve(ServerSocket service, String answer) {
        while (true) {
            try (Socket client = service.accept()) {
                if (client.getInputStream().read(new byte[64]) > 0) {
                    client.getOutputStream().write(answer.getBytes(ISO_8859_1));
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                }
            } catch (IOException e) {
                if (service.isClosed()) {
                    return;
                }
            }
        }
    }

    @Test
    void aFileForTlsIsNotRepeatedNorReadWithoutEnd(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), SECRET);
        Path empty = Files.createFile(directory.resolve("empty"));
        String[] names = {
            secret.toString(),
            empty.toString(),
            directory.toString(),
            directory + "/none",
            "/dev/zero",
            "nowhere",
            "a\0b"
        };
        for (String property : new String[] {"sslrootcert", "sslcert"}) {
            for (String name : names) {
                Map<String, String> errors = Validation.errors(
                        "connection.url=jdbc:postgresql://127.0.0.1:1/shop",
                        "connection.user=anybody",
                        "tables=users",
                        "connection.properties.sslmode=verify-ca",
                        "connection.properties." + property + "=" + name);
                // The same for all, so that it does not tell which files there are.
                assertThat(errors).containsOnlyKeys("connection.url");
                assertThat(errors.get("connection.url"))
                        .contains(property + ": " + name.replace("\0", " ") + " is not a file with certificates")
                        .contains("Cannot open a TLS connection")
                        .doesNotContain(SECRET);
            }
        }
        assertThat(Validation.errors(
                        "connection.url=jdbc:postgresql://127.0.0.1:1/shop",
                        "connection.user=anybody",
                        "tables=users",
                        "connection.properties.sslkey=/dev/zero"))
                .hasEntrySatisfying("connection.url", message -> assertThat(message)
                        .contains("sslkey: /dev/zero is not a file that the worker can use"));
    }
}
