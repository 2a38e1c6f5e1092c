package io.ectowatch.connect.config.validation;

import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * A validator for a setting's value. Its messages name neither the setting nor a value that may be secret. A null
 * value passes: the setting is absent, or could not be read as its type.
 */
public final class Validators<T> implements ConfigDef.Validator {

    private final Class<T> type;
    private final String allowed;
    private final Consumer<T> check;

    private Validators(Class<T> type, String allowed, Consumer<T> check) {
        this.type = type;
        this.allowed = allowed;
        this.check = check;
    }

    /**
     * @param allowed the valid values, for the documentation
     * @param check throws {@link IllegalArgumentException} with the message
     */
    public static <T> Validators<T> of(Class<T> type, String allowed, Consumer<T> check) {
        return new Validators<>(type, allowed, check);
    }

    public static Validators<Number> between(long least, long most) {
        return of(Number.class, "between " + least + " and " + most, number -> {
            if (number.longValue() < least || number.longValue() > most) {
                throw new IllegalArgumentException(
                        "It must be between " + least + " and " + most + ", but is " + number + ".");
            }
        });
    }

    public static Validators<Number> atLeast(long least) {
        return of(Number.class, "at least " + least, number -> {
            if (number.longValue() < least) {
                throw new IllegalArgumentException("It must be at least " + least + ", but is " + number + ".");
            }
        });
    }

    @Override
    public void ensureValid(String name, Object value) {
        if (value == null) {
            return;
        }
        try {
            check.accept(type.cast(value));
        } catch (IllegalArgumentException problem) {
            throw new ConfigException(problem.getMessage());
        }
    }

    @Override
    public String toString() {
        return allowed;
    }
}
