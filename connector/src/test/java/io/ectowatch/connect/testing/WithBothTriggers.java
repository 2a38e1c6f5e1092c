package io.ectowatch.connect.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All tests of a class with each delivery, and in durable delivery with row triggers, too. The parameter of the class is the
 * value of {@code delivery.mode}, for row triggers with their setting behind a blank. {@code -Drow.triggers=true} runs them in
 * notify delivery; then the first parameter and the third are the same.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@ValueSource(strings = {"durable", "notify", "durable " + Watching.ROW_TRIGGERS})
public @interface WithBothTriggers {}
