package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the known user interfaces rely on in the response to a validation: kcctl ({@code ConfigInfos}, {@code Search}), AKHQ
 * ({@code ConnectPlugin}, {@code ConnectCreate.jsx}) and Kafbat UI ({@code kafka-connect-api.yaml}).
 */
final class FormFields {

    private FormFields() {}

    /** A key with its definition and its value: both have its name. */
    static void assertReadable(JsonNode key) {
        JsonNode definition = key.path("definition");
        JsonNode value = key.path("value");
        String name = value.path("name").asText();
        assertReadableDefinition(definition);
        assertThat(definition.path("name").asText()).isEqualTo(name);
        assertThat(value.path("value").isTextual() || value.path("value").isNull())
                .as("%s has text or null as its value", name)
                .isTrue();
        assertTexts(value, "recommended_values", name);
        assertTexts(value, "errors", name);
        assertThat(value.path("visible").isBoolean())
                .as("%s is visible or not", name)
                .isTrue();
    }

    static void assertReadableDefinition(JsonNode definition) {
        String name = definition.path("name").asText();
        assertThat(name).isNotEmpty();
        assertThat(definition.path("type").asText())
                .as("the type of %s", name)
                .isIn("BOOLEAN", "CLASS", "DOUBLE", "INT", "LIST", "LONG", "PASSWORD", "SHORT", "STRING");
        assertThat(definition.path("importance").asText())
                .as("the importance of %s", name)
                .isIn("LOW", "MEDIUM", "HIGH");
        assertThat(definition.path("width").asText())
                .as("the width of %s", name)
                .isIn("SHORT", "MEDIUM", "LONG", "NONE");
        assertThat(definition.path("required").isBoolean())
                .as("%s is required or not", name)
                .isTrue();
        assertThat(definition.path("default_value").isTextual()
                        || definition.path("default_value").isNull())
                .as("the default of %s is text or null", name)
                .isTrue();
        assertThat(definition.path("display_name").isTextual())
                .as("%s has a name to display", name)
                .isTrue();
        assertThat(definition.path("documentation").isTextual())
                .as("%s has documentation", name)
                .isTrue();
        assertThat(definition.path("order_in_group").isInt())
                .as("%s has an order", name)
                .isTrue();
        assertTexts(definition, "dependents", name);
    }

    private static void assertTexts(JsonNode of, String field, String name) {
        assertThat(of.path(field).isArray()).as("%s has %s", name, field).isTrue();
        assertThat(of.path(field)).as("%s of %s", field, name).allSatisfy(text -> assertThat(text.isTextual())
                .isTrue());
    }
}
