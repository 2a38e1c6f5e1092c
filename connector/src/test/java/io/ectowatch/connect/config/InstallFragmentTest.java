package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstallFragmentTest {

    @BeforeEach
    void theOperatorAllowsADirectory() {
        System.setProperty(WorkerOptions.INSTALL_DIRECTORY, "/srv");
    }

    @AfterEach
    void theOperatorAllowsNothing() {
        System.clearProperty(WorkerOptions.INSTALL_DIRECTORY);
    }

    @Test
    void theConnectorInstallsByItselfAndAllowsNothingByDefault() {
        InstallFragment install = configWith().install();

        assertThat(install.mode()).isEqualTo(InstallMode.APPLY);
        assertThat(install.file()).isEmpty();
        assertThat(install.muteAllowed()).isFalse();
        assertThat(install.cleanup()).isFalse();
    }

    @Test
    void handsOutWhatWasSet() {
        InstallFragment install = configWith(
                        "install.mode", "Print",
                        "install.file", "/srv/shop.sql",
                        "mute.allowed", "true")
                .install();

        assertThat(install.mode()).isEqualTo(InstallMode.PRINT);
        assertThat(install.file()).contains(Path.of("/srv/shop.sql"));
        assertThat(install.muteAllowed()).isTrue();
        assertThat(configWith("cleanup", "true").install().cleanup()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    install.mode  | check     | It must be one of apply, verify, print.
                    install.mode  | verfy     | It must be one of apply, verify, print. Did you mean verify?
                    install.mode  | ''        | It must be one of
                    install.file  | shop.sql  | It must be an absolute path.
                    install.file  | ''        | It must be an absolute path.
                    install.file  | /root/.ssh/authorized_keys  | It must be below /srv
                    install.file  | /srv/../root/shop.sql       | It must be below /srv
                    install.file  | /srvs/shop.sql              | It must be below /srv
                    mute.allowed  | maybe     | It must be true or false.
                    cleanup       | maybe     | It must be true or false.
                    """)
    void saysWhatIsWrongWithASetting(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void noFileIsWrittenOnAWorkerWhoseOperatorDoesNotAllowIt() {
        System.clearProperty(WorkerOptions.INSTALL_DIRECTORY);
        assertThat(problemsWith("install.mode", "print", "install.file", "/srv/shop.sql"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("install.file");
                    assertThat(problem.message())
                            .contains(
                                    "config/validate, key install.sql",
                                    "ectowatch.install.directory",
                                    "ECTOWATCH_INSTALL_DIRECTORY");
                });
    }

    @ParameterizedTest
    @CsvSource({"verify", "print"})
    void cleaningUpIsRefusedWhereNothingMayBeChanged(String mode) {
        assertThat(problemsWith("install.mode", mode, "cleanup", "true"))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.setting()).isEqualTo("cleanup");
                    assertThat(problem.message())
                            .contains("With install.mode=" + mode + " the connector changes nothing in the database");
                });
    }
}
