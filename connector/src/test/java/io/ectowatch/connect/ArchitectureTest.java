package io.ectowatch.connect;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** Dependencies between the packages point one way; where one is added here, the design is changed. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.ectowatch.connect");

    @Test
    void packagesDependOnEachOtherInOneDirectionOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("config")
                .definedBy("..connect.config..")
                .layer("postgres")
                .definedBy("..connect.postgres..")
                .layer("protocol")
                .definedBy("..connect.protocol..")
                .layer("metrics")
                .definedBy("..connect.metrics..")
                .layer("catalog")
                .definedBy("..connect.catalog..")
                .layer("install")
                .definedBy("..connect.install..")
                .layer("record")
                .definedBy("..connect.record..")
                .layer("notify")
                .definedBy("..connect.notify..")
                .layer("journal")
                .definedBy("..connect.journal..")
                .layer("connector")
                .definedBy("io.ectowatch.connect")
                .whereLayer("connector")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("notify")
                .mayOnlyBeAccessedByLayers("connector")
                .whereLayer("journal")
                .mayOnlyBeAccessedByLayers("connector")
                .whereLayer("record")
                .mayOnlyBeAccessedByLayers("connector", "notify", "journal")
                .whereLayer("install")
                .mayOnlyBeAccessedByLayers("connector", "notify", "journal")
                .whereLayer("catalog")
                .mayOnlyBeAccessedByLayers("connector", "notify", "journal", "record", "install")
                .whereLayer("metrics")
                .mayOnlyBeAccessedByLayers("connector", "notify", "journal")
                .whereLayer("protocol")
                .mayOnlyAccessLayers("config", "postgres")
                .whereLayer("config")
                .mayNotAccessAnyLayer()
                .whereLayer("postgres")
                .mayNotAccessAnyLayer()
                .check(CLASSES);
    }

    /** The trigger's side and the task's side: what they agree on depends on neither. */
    @Test
    void theProtocolDependsOnNeitherOfItsSides() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("..connect.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "..connect.catalog..",
                        "..connect.install..",
                        "..connect.journal..",
                        "..connect.notify..",
                        "..connect.record..")
                .check(CLASSES);
    }

    @Test
    void onlyTheRoomsThatTalkToTheDatabaseKnowJdbc() {
        ArchRule rule = ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(
                        "..connect.config..", "..connect.protocol..", "..connect.record..", "..connect.metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.net..", "java.nio.channels..");
        rule.check(CLASSES);
    }
}
