package io.ectowatch.connect.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/** Which rejections by the driver are taken for a {@code channelBinding} that cannot be met. */
class ChannelBindingCheckTest {

    private final Properties properties = new Properties();

    @Test
    void onlyWithTheSettingARejectionByTheDriverIsAboutIt() {
        SQLException rejection = rejection("Channel Binding is required, but SSL is not in use.");

        assertThat((Throwable) ChannelBindingCheck.explain(properties, rejection))
                .isSameAs(rejection);

        PGProperty.CHANNEL_BINDING.set(properties, "require");
        assertThat((Throwable) ChannelBindingCheck.explain(properties, rejection))
                .isInstanceOf(SettingException.class);
    }

    /** For example after a failover to a server whose TLS is not set up yet: the task goes on trying. */
    @Test
    void aServerWithoutTlsIsNotAboutTheSetting() {
        PGProperty.CHANNEL_BINDING.set(properties, "require");
        SQLException rejection = rejection("The server does not support SSL.");

        assertThat((Throwable) ChannelBindingCheck.explain(properties, rejection))
                .isSameAs(rejection);
        assertThat(Failure.of(rejection).permanent()).isFalse();
    }

    private static SQLException rejection(String message) {
        return new PSQLException(GT.tr(message), PSQLState.CONNECTION_REJECTED);
    }
}
