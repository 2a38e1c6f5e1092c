package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.PackageVersion;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;
import org.postgresql.util.DriverInfo;

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
                        root + "doc/NOTICE",
                        root + "doc/THIRD-PARTY.txt",
                        root + "doc/README.md",
                        root + "doc/types.md",
                        root + "doc/configuration.md",
                        root + "etc/README.md",
                        root + "etc/quickstart.json");
        assertThat(entries(ARCHIVE).stream().filter(entry -> entry.endsWith(".jar")))
                .hasSize(1);
    }

    /** As component catalogues and their installers read it. */
    @Test
    void theManifestIsComplete() throws Exception {
        String root = "ectowatch-kafka-connect-" + VERSION + "/";
        String text = text(ARCHIVE, root + "manifest.json");
        JsonNode manifest = new ObjectMapper().readTree(text);

        assertThat(text).doesNotContain("${");
        assertThat(manifest.path("version").asText()).isEqualTo(VERSION);
        assertThat(manifest.at("/owner/username").asText()).isEqualTo("ectowatch");
        assertThat(List.of("/documentation_url", "/source_url", "/support/url", "/owner/url"))
                .allSatisfy(url -> assertThat(manifest.at(url).asText()).startsWith("https://"));
        assertThat(List.of("/title", "/description", "/support/summary", "/support/provider_name", "/license/0/name"))
                .allSatisfy(name -> assertThat(manifest.at(name).asText()).isNotBlank());
        assertThat(List.of("/requirements", "/tags", "/component_types", "/features/delivery_guarantee"))
                .allSatisfy(list -> assertThat(manifest.at(list)).isNotEmpty());
        try (ZipFile archive = new ZipFile(ARCHIVE.toFile());
                InputStream logo = archive.getInputStream(
                        archive.getEntry(root + manifest.path("logo").asText()))) {
            assertThat(ImageIO.read(logo).getWidth()).isEqualTo(400);
        }
    }

    @Test
    void theJarHasTheLicenceOfEachProjectWhoseClassesItContains() throws Exception {
        String report = text(JAR, "META-INF/THIRD-PARTY.txt");
        List<String> packages = listed("packages", report).stream()
                .map(name -> name.replace('.', '/') + "/")
                .toList();
        List<String> files = Stream.concat(listed("file", report).stream(), listed("notice", report).stream())
                .map(name -> "META-INF/" + name)
                .toList();

        assertThat(entries(JAR).stream()
                        .filter(entry -> entry.endsWith(".class"))
                        .filter(entry -> !entry.startsWith("io/ectowatch/connect/") || entry.contains("/shaded/")))
                .isNotEmpty()
                .allMatch(entry -> packages.stream().anyMatch(entry::startsWith));
        List<String> entries = entries(JAR);
        assertThat(packages).allMatch(name -> entries.stream().anyMatch(entry -> entry.startsWith(name)));
        assertThat(entries).containsAll(files).contains("META-INF/NOTICE");
        // Also those that a new version of the driver or of Jackson brings.
        assertThat(entries.stream().filter(entry -> entry.matches("META-INF/.*(LICENSE|NOTICE)")))
                .filteredOn(entry -> !entry.equals("META-INF/NOTICE"))
                .containsExactlyInAnyOrderElementsOf(new TreeSet<>(files));
        assertThat(report)
                .contains("org.postgresql:postgresql:" + DriverInfo.DRIVER_VERSION + "\n")
                .contains("com.fasterxml.jackson.core:jackson-core:" + PackageVersion.VERSION + ",")
                .doesNotContain("${");
    }

    @Test
    void theLicencesInTheJarAreThoseOfTheVersionsInTheJar() throws Exception {
        String notice = text(jarOf(JsonFactory.class), "META-INF/NOTICE");

        assertThat(text(JAR, "META-INF/licenses/postgresql-LICENSE"))
                .isEqualTo(text(jarOf(Driver.class), "META-INF/LICENSE"));
        assertThat(text(JAR, "META-INF/licenses/jackson-core-NOTICE")).isEqualTo(notice);
        assertThat(text(JAR, "META-INF/NOTICE")).endsWith(notice);
        assertThat(text(JAR, "META-INF/LICENSE")).isEqualTo(Files.readString(Path.of("../LICENSE")));
    }

    /** The values of {@code name: value} in the lines of the report. */
    private static List<String> listed(String name, String report) {
        return report.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .distinct()
                .toList();
    }

    private static Path jarOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
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
