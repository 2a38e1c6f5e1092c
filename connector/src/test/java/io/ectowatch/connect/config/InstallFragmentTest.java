package io.ectowatch.connect.config;

import static io.ectowatch.connect.config.SampleSettings.configWith;
import static io.ectowatch.connect.config.SampleSettings.problemsWith;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstallFragmentTest {

    @Test
    void theConnectorInstallsByItselfAndAllowsNothingUnlessTold() {
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
                    install.mode  | check     | There is no install mode check. Valid is apply, verify, print.
                    install.mode  | verfy     | There is no install mode verfy. Did you mean verify?
                    install.mode  | ''        | There is no install mode
                    install.file  | shop.sql  | It must be the whole path of a file, from the root on.
                    install.file  | ''        | It must be the whole path of a file, from the root on.
                    mute.allowed  | maybe     | It must be true or false.
                    cleanup       | maybe     | It must be true or false.
                    """)
    void saysWhatIsWrongWithASetting(String setting, String value, String message) {
        assertThat(problemsWith(setting, value)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo(setting);
            assertThat(problem.message()).contains(message);
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
