package io.ectowatch.connect.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test, or all tests of a class, once with each delivery: its value of {@code delivery.mode} is the test's parameter, or
 * that of the class.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass
@ParameterizedTest
@ValueSource(strings = {"durable", "notify"})
public @interface InBothDeliveries {}
