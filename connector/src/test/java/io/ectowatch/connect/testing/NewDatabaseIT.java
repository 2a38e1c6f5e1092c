package io.ectowatch.connect.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class NewDatabaseIT {

    @NewDatabase
    private static TestDatabase ofTheClass;

    @NewDatabase(encoding = "SQL_ASCII")
    private TestDatabase ofTheTest;

    private static TestDatabase ofTheFirstTest;

    @RepeatedTest(2)
    void eachTestHasADatabaseThatIsDroppedAfterItAndAllShareThatOfTheClass(RepetitionInfo repetition) throws Exception {
        ofTheTest.execute("CREATE TABLE own ()");
        ofTheClass.execute("CREATE TABLE IF NOT EXISTS shared (n int)", "INSERT INTO shared VALUES (1)");

        assertThat(ofTheClass.number("SELECT count(*) FROM shared")).isEqualTo(repetition.getCurrentRepetition());
        assertThat(ofTheTest.column("SHOW server_encoding")).containsExactly("SQL_ASCII");
        if (repetition.getCurrentRepetition() == 1) {
            ofTheFirstTest = ofTheTest;
        } else {
            assertThat(ofTheClass.number(
                            "SELECT count(*) FROM pg_database WHERE datname = '" + ofTheFirstTest.name() + "'"))
                    .isZero();
        }
    }
}
