package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;

/** What users deploy: the self-contained jar and the component archive, as the build packs them. */
class PackagingIT {

    private static final Path JAR = Path.of(System.getProperty("connector.jar"));
    private static final Path ARCHIVE = Path.of(System.getProperty("connector.archive"));
    private static final String VERSION = System.getProperty("connector.version");

    @Test
    void theJarNamesItsConnectorForServiceLoading() throws Exception {
        assertThat(text(JAR, "META-INF/services/org.apache.kafka.connect.source.SourceConnector"))
                .isEqualToIgnoringWhitespace(EctoWatchSourceConnector.class.getName());
    }

    @Test
    void theJarHoldsTheDriverAndARelocatedJacksonAndNothingThatTheWorkerBrings() throws Exception {
        List<String> classes =
                entries(JAR).stream().filter(entry -> entry.endsWith(".class")).toList();
        assertThat(classes)
                .contains("org/postgresql/Driver.class")
                .contains("io/ectowatch/connect/shaded/jackson/core/JsonParser.class")
                .allMatch(name -> name.startsWith("io/ectowatch/connect/") || name.startsWith("org/postgresql/"));
        assertThat(entries(JAR)).noneMatch(entry -> entry.startsWith("com/fasterxml/"));
    }

    @Test
    void theJarAloneLoadsBesideTheConnectApi() throws Exception {
        try (URLClassLoader plugin = new URLClassLoader(new URL[] {JAR.toUri().toURL()}, new ConnectApiOnly())) {
            SourceConnector connector = ServiceLoader.load(SourceConnector.class, plugin)
                    .findFirst()
                    .orElseThrow();
            assertThat(connector.getClass().getClassLoader()).isSameAs(plugin);
            assertThat(connector.version()).isEqualTo(VERSION);
            assertThat(connector.config().names()).contains("connection.url", "tables");
        }
    }

    @Test
    void theClassesRunOnJava17() throws Exception {
        try (ZipFile jar = new ZipFile(JAR.toFile());
                InputStream in = jar.getInputStream(jar.getEntry("io/ectowatch/connect/EctoWatchSourceTask.class"))) {
            byte[] header = in.readNBytes(8);
            assertThat(header[7]).isEqualTo((byte) 61);
        }
    }

    @Test
    void theArchiveHasManifestLibDocAndEtc() throws Exception {
        String root = "ectowatch-kafka-connect-" + VERSION + "/";
        assertThat(entries(ARCHIVE))
                .contains(
                        root + "manifest.json",
                        root + "lib/ectowatch-kafka-connect-" + VERSION + ".jar",
                        root + "doc/LICENSE",
                        root + "doc/README.md",
                        root + "doc/types.md",
                        root + "doc/configuration.md",
                        root + "etc/README.md",
                        root + "etc/quickstart.json");
        assertThat(entries(ARCHIVE).stream().filter(entry -> entry.endsWith(".jar")))
                .hasSize(1);
        assertThat(text(ARCHIVE, root + "manifest.json"))
                .contains("\"version\": \"" + VERSION + "\"")
                .contains("\"username\": \"ectowatch\"")
                .doesNotContain("${");
    }

    private static List<String> entries(Path zip) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            return file.stream().map(ZipEntry::getName).collect(Collectors.toList());
        }
    }

    private static String text(Path zip, String entry) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream in = file.getInputStream(file.getEntry(entry))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What a worker shows to its plugins: the JDK, Kafka and slf4j. */
    private static final class ConnectApiOnly extends ClassLoader {

        private ConnectApiOnly() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith("org.apache.kafka.") || name.startsWith("org.slf4j.")) {
                return PackagingIT.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
