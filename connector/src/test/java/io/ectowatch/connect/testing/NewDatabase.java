package io.ectowatch.connect.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A {@link TestDatabase} field that gets a new, empty database: for each test, before its {@code @BeforeEach} methods; or, if
 * the field is static, for the tests of the class. The database is dropped at the end.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NewDatabaseExtension.class)
public @interface NewDatabase {

    /** The encoding of the database; empty for that of the server. */
    String encoding() default "";
}
