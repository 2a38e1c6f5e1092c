package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On real sockets of the loopback interface. */
class NotificationSocketTest {

    private ServerSocket server;
    private Socket sender;
    private NotificationSocket socket;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket = new NotificationSocket();
        socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        sender = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        sender.close();
        server.close();
    }

    @Test
    void theDriversProbeFindsNothingWhenNothingIsThere() throws IOException {
        socket.setSoTimeout(1);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("no data available"); // said without waiting; the JDK's own would be "Read timed out"
    }

    @Test
    void theDriversProbeFindsWhatIsThere() throws IOException {
        sender.getOutputStream().write(42);
        InputStream in = socket.getInputStream();
        socket.setSoTimeout(5_000);
        assertThat(in.read()).isEqualTo(42);

        sender.getOutputStream().write(new byte[] {43, 44});
        assertThat(in.read()).isEqualTo(43); // so the other one has come too
        socket.setSoTimeout(1);
        assertThat(in.read()).isEqualTo(44);
    }

    @Test
    void aWaitWithoutALimitGetsOne() throws IOException {
        socket.setSoTimeout(0);
        assertThat(socket.getSoTimeout()).isPositive();
    }

    @Test
    void anyAmountMayComeAsLongAsThereArePauses() throws IOException {
        byte[] chunk = new byte[1 << 14];
        InputStream in = socket.getInputStream();
        for (int i = 0; i <= NotificationSocket.BURST_BYTES / chunk.length; i++) {
            socket.setSoTimeout(1);
            assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
            socket.setSoTimeout(5_000);
            sender.getOutputStream().write(chunk);
            assertThat(in.readNBytes(chunk.length)).hasSize(chunk.length);
        }
    }

    @Test
    void anEndlessBurstIsGivenUpBeforeItFillsTheMemory() throws Exception {
        Thread flood = new Thread(() -> {
            byte[] chunk = new byte[1 << 20];
            try (OutputStream out = sender.getOutputStream()) {
                while (true) {
                    out.write(chunk);
                }
            } catch (IOException e) {
                // The other side has given up, as it should.
            }
        });
        flood.start();
        // Small reads, so that the sender is always ahead and the socket never found empty for long.
        assertThatThrownBy(() -> {
                    InputStream in = socket.getInputStream();
                    byte[] buffer = new byte[8192];
                    for (long sum = 0; sum < 100L * NotificationSocket.BURST_BYTES; ) {
                        while (in.available() == 0) {
                            Thread.onSpinWait();
                        }
                        sum += in.read(buffer);
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("without a pause");
        socket.close();
        flood.join();
    }
}
