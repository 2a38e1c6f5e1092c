package io.ectowatch.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Dependencies between the packages point one way. Where one is added here, the design is changed. */
class ArchitectureTest {

    private static final String BASE = "io.ectowatch.connect";

    private static final Path ROOT = Path.of("..");
    private static final int MOST_LINES = 300;

    /** What each package may use, in the order of reading: a package uses only packages below it. */
    private static final String PACKAGES = """
            connector           : admin wiring install record metrics watch catalog config config.names
            admin               : backfill wiring journal journal.offset install install.plan install.uninstall watch catalog postgres protocol config config.names config.validation log
            wiring              : backfill journal notify record metrics install install.objects install.plan postgres protocol config
            journal             : backfill journal.offset journal.wake journal.read journal.maintenance journal.state record metrics install install.drift install.objects watch catalog postgres protocol config config.names log
            journal.offset      : backfill journal.read journal.state record postgres protocol config.names
            journal.wake        : journal.read journal.state install.plan postgres protocol config
            journal.read        : backfill journal.maintenance journal.state record install.objects watch catalog postgres protocol config.names
            journal.maintenance : journal.state postgres protocol
            journal.state       : backfill install.objects install.plan postgres protocol
            notify              : record metrics install install.drift watch catalog postgres protocol config config.names log
            record              : watch catalog protocol config config.names
            install.drift       : install.uninstall install install.plan install.objects watch catalog postgres protocol config config.names log
            install             : backfill install.objects install.plan watch catalog postgres protocol config config.names config.validation
            install.uninstall   : install.objects install.plan postgres protocol
            install.objects     : install.plan trigger watch catalog postgres protocol config config.condition config.names config.validation log
            install.plan        : trigger watch catalog postgres protocol config config.condition config.names
            backfill            : trigger watch catalog postgres protocol config config.condition config.names config.validation
            trigger             : watch catalog postgres protocol config config.condition config.names
            watch               : catalog postgres protocol config config.condition config.names config.validation
            catalog             : postgres config.condition config.names config.validation
            protocol            : postgres config config.names
            metrics             :
            postgres            : log
            log                 :
            config              : config.condition config.validation config.names
            config.condition    : config.names
            config.validation   :
            config.names        :
            """;

    /** Classes that refer to each other both ways, since one is a part of the other that has a file of its own. */
    private static final Set<String> PAIRS = Set.of(
            "ChangeLayout WatchedTable",
            "ConfigValidator ConnectorConfig",
            "ConfigValidator RecordFragment",
            "Failure SettingException",
            "JournalOffset PolledBatch",
            "HeartbeatFragment TopicFragment",
            "RecordFragment TopicFragment",
            "ResolvedWatchers WatcherResolver",
            "WatchFragment WatcherValidator");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BASE);

    @Test
    void aPackageUsesOnlyThePackagesNamedHere() {
        Map<String, Set<String>> allowed = new TreeMap<>();
        PACKAGES.lines().forEach(line -> {
            String[] sides = line.split(":", -1);
            allowed.put(sides[0].strip(), names(sides[1]));
        });
        Map<String, Set<String>> beyond = new TreeMap<>();
        Set<String> unknown = new TreeSet<>();
        for (JavaClass origin : CLASSES) {
            if (!allowed.containsKey(room(origin))) {
                unknown.add(room(origin));
            }
            for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (target.getPackageName().startsWith(BASE)
                        && !room(target).equals(room(origin))
                        && !allowed.getOrDefault(room(origin), Set.of()).contains(room(target))) {
                    beyond.computeIfAbsent(room(origin) + " -> " + room(target), key -> new TreeSet<>())
                            .add(dependency.getDescription());
                }
            }
        }
        assertThat(unknown).as("packages that are not in the list").isEmpty();
        assertThat(beyond).as("dependencies that are not in the list").isEmpty();
    }

    @Test
    void eachPackageUsesOnlyPackagesBelowItInTheList() {
        List<String> order =
                PACKAGES.lines().map(line -> line.split(":")[0].strip()).toList();
        PACKAGES.lines().forEach(line -> {
            String[] sides = line.split(":", -1);
            List<String> below = order.subList(order.indexOf(sides[0].strip()) + 1, order.size());
            assertThat(below).as(sides[0].strip()).containsAll(names(sides[1]));
        });
    }

    @Test
    void twoClassesReferToEachOtherBothWaysOnlyWhereNamedHere() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass origin : CLASSES) {
            for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                if (dependency.getTargetClass().getPackageName().startsWith(BASE)) {
                    uses.computeIfAbsent(file(origin), key -> new TreeSet<>()).add(file(dependency.getTargetClass()));
                }
            }
        }
        Set<String> pairs = new TreeSet<>();
        uses.forEach((one, others) -> others.stream()
                .filter(other -> one.compareTo(other) < 0)
                .filter(other -> uses.getOrDefault(other, Set.of()).contains(one))
                .forEach(other -> pairs.add(one + " " + other)));
        assertThat(pairs).containsExactlyInAnyOrderElementsOf(PAIRS);
    }

    @Test
    void onlyPackagesThatTalkToTheDatabaseKnowJdbc() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(
                        "..connect.config..",
                        "..connect.protocol..",
                        "..connect.record..",
                        "..connect.metrics..",
                        "..connect.trigger..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.net..", "java.nio.channels..")
                .check(CLASSES);
    }

    /** A class that grows beyond this has got a second reason to exist: give that one a class. */
    @Test
    void noClassOfTheMainCodeHasMoreThan300Lines() throws IOException {
        Set<String> tooLong = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT)) {
            for (Path file : files.filter(ArchitectureTest::isMainCode).toList()) {
                long lines = Files.readString(file).lines().count();
                if (lines > MOST_LINES) {
                    tooLong.add(ROOT.relativize(file) + ": " + lines);
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    private static boolean isMainCode(Path file) {
        String path = ROOT.relativize(file).toString();
        return path.endsWith(".java") && path.contains("src/main/java/") && !path.contains("target/");
    }

    private static Set<String> names(String list) {
        return Arrays.stream(list.strip().split(" "))
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
    }

    private static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.equals(BASE) ? "connector" : name.substring(BASE.length() + 1);
    }

    /** The outermost class: names are unique. */
    private static String file(JavaClass type) {
        String name = type.getFullName().substring(type.getPackageName().length() + 1);
        return name.contains("$") ? name.substring(0, name.indexOf('$')) : name;
    }
}
