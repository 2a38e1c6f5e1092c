package io.ectowatch.it.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.connect.storage.Converter;

/** A format for which Apicurio has a converter, with the settings that our documentation gives. */
enum RegistryFormat {
    AVRO("io.apicurio.registry.utils.converter.AvroConverter", "avro"),
    JSON("io.apicurio.registry.utils.converter.ExtJsonConverter", "exact");

    private final String converter;
    private final String fieldNames;

    RegistryFormat(String converter, String fieldNames) {
        this.converter = converter;
        this.fieldNames = fieldNames;
    }

    /** The name of the field of that column. */
    String field(String column) {
        return this == JSON || column.matches("\\w+")
                ? column
                : Pattern.compile("\\W").matcher(column).replaceAll(match -> "_u%04x"
                        .formatted((int) match.group().charAt(0)));
    }

    /** The settings of a connector that writes this format to the registry at that URL. */
    Map<String, String> settings(String registry) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("field.names", fieldNames);
        for (String part : new String[] {"key", "value"}) {
            settings.put(part + ".converter", converter);
            converterSettings(registry).forEach((name, value) -> settings.put(part + ".converter." + name, value));
        }
        return settings;
    }

    private static Map<String, String> converterSettings(String registry) {
        return Map.of("apicurio.registry.url", registry, "apicurio.registry.auto-register", "true");
    }

    /** A converter as a sink connector would have it. */
    Converter converter(String registry, boolean isKey) throws ReflectiveOperationException {
        Converter reader =
                (Converter) Class.forName(converter).getDeclaredConstructor().newInstance();
        // It adds settings to the map.
        reader.configure(new LinkedHashMap<>(converterSettings(registry)), isKey);
        return reader;
    }
}
