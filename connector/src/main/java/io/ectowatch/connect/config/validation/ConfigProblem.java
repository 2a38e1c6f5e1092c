package io.ectowatch.connect.config.validation;

import java.util.Objects;

/**
 * One problem of a configuration.
 *
 * @param setting the key of the setting that has to change
 * @param message what is wrong and what to do about it, in sentences that need not name the setting; never a secret
 */
public record ConfigProblem(String setting, String message) {

    public ConfigProblem {
        Objects.requireNonNull(setting, "setting");
        Objects.requireNonNull(message, "message");
    }

    /** The message after its setting: when a connector is created, Connect shows messages without their keys. */
    public String text() {
        return setting + ": " + message;
    }
}
